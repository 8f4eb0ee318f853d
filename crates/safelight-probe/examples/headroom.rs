//! Prints how much memory this process can still get, and which limit stops it there.

use safelight_probe::Sampler;

fn main() {
    let mut sampler = Sampler::open();
    let sample = sampler.sample();
    match &sample.headroom {
        Ok(headroom) => {
            println!("{} until the {} binds", headroom.available, headroom.binding);
        }
        Err(error) => println!("headroom not known: {error}"),
    }
    for limit in &sample.limits {
        let share = limit.used_share().map_or("?".into(), |share| share.to_string());
        let cache =
            limit.clean_cache.map(|cache| format!(", and {cache} of clean cache"));
        let cache = cache.unwrap_or_default();
        println!("  {}: {share} of {} used{cache}", limit.binding, limit.size);
    }
    if let Ok(psi) = &sample.host_psi {
        println!("tasks have waited {:?} for memory since the machine runs", psi.some());
    }
    for error in sample.errors() {
        println!("  not read: {error}");
    }
}
