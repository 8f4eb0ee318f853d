use std::path::PathBuf;

use safelight_core::ByteSize;

#[cfg(feature = "image")]
mod image;

/// The budget that a cached value lives on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Images and what is as big; these live on the limits of the cache.
    Bulk,
    /// Small values that are no images; a budget of their own keeps them from pushing images out.
    Small,
}

/// A value that can say how much memory dropping it gives back.
///
/// [`heap`](Self::heap) is what an implementation has to write: the bytes that the value
/// owns elsewhere, by capacity and not by length, with everything that is dropped with it.
/// What is shared does not count, which is why `Arc` is no `Weigh`: dropping one holder
/// gives nothing back while another is left.
///
/// The cache asks on the thread that inserts and relies on both answers for as long as it
/// owns the value. So they must not change behind a lock or a cell, must be cheap (no walk
/// over the pixels) and must not panic.
///
/// ```
/// use safelight_cache::{Class, Weigh};
/// use safelight_core::ByteSize;
///
/// struct Thumbnail {
///     pixels: Vec<u8>,
///     caption: Option<String>,
/// }
///
/// impl Weigh for Thumbnail {
///     fn heap(&self) -> ByteSize {
///         self.pixels.heap() + self.caption.heap()
///     }
/// }
///
/// let thumbnail = Thumbnail { pixels: Vec::with_capacity(50_000), caption: None };
/// assert_eq!(thumbnail.heap().bytes(), 50_000);
/// assert_eq!(thumbnail.weight().bytes(), 50_000 + size_of::<Thumbnail>() as u64);
/// assert_eq!(thumbnail.class(), Class::Bulk);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what it weighs",
    note = "implement `Weigh` for a type of your own: `heap` adds up the heap of its fields",
    note = "an `Arc` is no `Weigh`, because dropping one holder of many frees nothing"
)]
pub trait Weigh {
    /// Returns the bytes that the value owns outside of itself.
    fn heap(&self) -> ByteSize;

    /// Returns the bytes that dropping the value gives back: itself and its heap.
    ///
    /// There is no need to write this one.
    fn weight(&self) -> ByteSize {
        ByteSize::from_len(size_of_val(self)) + self.heap()
    }

    /// Returns the budget that the value lives on; that of the images by default.
    ///
    /// It matters where one cache holds both: say `Small` of what should not push images out.
    fn class(&self) -> Class {
        Class::Bulk
    }
}

/// Implements [`Weigh`] for types without heap, and for vectors and slices of them.
macro_rules! plain {
    ($($plain:ty)*) => {$(
        impl Weigh for $plain {
            fn heap(&self) -> ByteSize {
                ByteSize::ZERO
            }
        }

        impl Weigh for [$plain] {
            fn heap(&self) -> ByteSize {
                ByteSize::ZERO
            }
        }

        impl Weigh for Vec<$plain> {
            fn heap(&self) -> ByteSize {
                ByteSize::from_len(self.capacity() * size_of::<$plain>())
            }
        }
    )*};
}

plain!(() bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

impl Weigh for str {
    fn heap(&self) -> ByteSize {
        ByteSize::ZERO
    }
}

impl Weigh for String {
    fn heap(&self) -> ByteSize {
        ByteSize::from_len(self.capacity())
    }
}

impl Weigh for PathBuf {
    fn heap(&self) -> ByteSize {
        ByteSize::from_len(self.capacity())
    }
}

impl Weigh for Vec<String> {
    fn heap(&self) -> ByteSize {
        let texts: ByteSize = self.iter().map(String::heap).sum();
        ByteSize::from_len(self.capacity() * size_of::<String>()) + texts
    }
}

impl<T: Weigh, const N: usize> Weigh for [T; N] {
    fn heap(&self) -> ByteSize {
        self.iter().map(T::heap).sum()
    }
}

impl<T: Weigh + ?Sized> Weigh for Box<T> {
    fn heap(&self) -> ByteSize {
        T::weight(self)
    }

    fn class(&self) -> Class {
        T::class(self)
    }
}

/// The class is that of the value within; `None`, an answer like any other, is small.
impl<T: Weigh> Weigh for Option<T> {
    fn heap(&self) -> ByteSize {
        self.as_ref().map_or(ByteSize::ZERO, T::heap)
    }

    fn class(&self) -> Class {
        self.as_ref().map_or(Class::Small, T::class)
    }
}

/// The class is that of the value within; an error is small, and so pushes no image out.
impl<T: Weigh, E: Weigh> Weigh for Result<T, E> {
    fn heap(&self) -> ByteSize {
        self.as_ref().map_or_else(E::heap, T::heap)
    }

    fn class(&self) -> Class {
        self.as_ref().map_or(Class::Small, T::class)
    }
}

/// A pair is small where both halves are.
impl<A: Weigh, B: Weigh> Weigh for (A, B) {
    fn heap(&self) -> ByteSize {
        self.0.heap() + self.1.heap()
    }

    fn class(&self) -> Class {
        match (self.0.class(), self.1.class()) {
            (Class::Small, Class::Small) => Class::Small,
            _ => Class::Bulk,
        }
    }
}
