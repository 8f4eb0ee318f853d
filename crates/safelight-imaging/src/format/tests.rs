use super::*;

#[test]
fn sniffs_every_format_and_nothing_else() {
    let cases: [(&[u8], Option<Format>); 11] = [
        (b"\xff\xd8\xff\xe0", Some(Format::Jpeg)),
        (b"\x89PNG\r\n\x1a\n", Some(Format::Png)),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Some(Format::WebP)),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"GIF87a", Some(Format::Gif)),
        (b"BM\x10\0\0\0\0\0\0\0", Some(Format::Bmp)),
        (b"BMW is a car", None),
        (b"MM\0*\0\0\0\x08", Some(Format::Tiff)),
        (b"\0\0\0\x20ftypavif", Some(Format::Avif)),
        (b"\xff\xd8", None),
        (b"", None),
    ];
    for (head, format) in cases {
        assert_eq!(Format::sniff(head), format, "{head:?}");
    }
}

#[test]
fn reads_the_size_where_its_place_is_fixed() {
    let mut bmp = b"BM\x10\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bmp.extend(7i32.to_le_bytes());
    bmp.extend((-5i32).to_le_bytes());
    assert_eq!(Format::Bmp.sniff_size(&bmp), Some(Size::new(7, 5)));
    assert_eq!(Format::Gif.sniff_size(b"GIF89a\x02\0\x03\0"), Some(Size::new(2, 3)));
    assert_eq!(Format::Gif.sniff_size(b"GIF89a\x02"), None);
    assert_eq!(Format::Tiff.sniff_size(&bmp), None);
}
