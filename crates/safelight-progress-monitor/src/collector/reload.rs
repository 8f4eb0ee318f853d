use crate::{Collector, Config, ConfigError};

impl Collector {
    /// Changes the settings; alerts, measures and histories go on.
    ///
    /// The lengths of histories and journals, and how many notices a frame holds, stay.
    ///
    /// # Errors
    ///
    /// When the configuration cannot be meant; then nothing changes.
    pub fn set_config(&mut self, config: Config) -> Result<(), ConfigError> {
        config.check()?;
        self.pace.set_bounds(&config);
        self.config = config;
        Ok(())
    }
}
