import ApusCore

/// The kinds of picture files that are read.
///
///     ImageFormat(detecting: bytes)       // .jpeg
public enum ImageFormat: String, Sendable, CaseIterable {
    case png, jpeg, bmp, gif, pnm, tiff, webp, tga

    /// The kind that the first bytes of a file tell, or nil. TGA files have no mark of their own: theirs is a header that
    /// makes sense.
    public init?(detecting bytes: [UInt8]) {
        switch bytes {
        case _ where bytes.starts(with: PNG.signature): self = .png
        case _ where bytes.starts(with: [0xff, 0xd8, 0xff]): self = .jpeg
        case _ where bytes.starts(with: "BM".utf8): self = .bmp
        case _ where bytes.starts(with: "GIF8".utf8): self = .gif
        case _ where bytes.count > 2 && bytes[0] == UInt8(ascii: "P") && (0x31...0x36).contains(bytes[1]): self = .pnm
        case _ where bytes.starts(with: [0x49, 0x49, 42, 0]) || bytes.starts(with: [0x4d, 0x4d, 0, 42]): self = .tiff
        case _ where bytes.starts(with: "RIFF".utf8) && bytes.dropFirst(8).starts(with: "WEBP".utf8): self = .webp
        case _ where TGA.Header(bytes) != nil: self = .tga
        default: return nil
        }
    }

    /// The kind that the end of a file's name tells, or nil.
    public init?(path: String) {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return nil }
        let ending = name[name.index(after: dot)...].lowercased()
        guard let format = Self.endings.first(where: { $0.0 == ending })?.1 else { return nil }
        self = format
    }

    /// How names of picture files end.
    static let endings: [(String, ImageFormat)] = [
        ("png", .png), ("apng", .png), ("jpg", .jpeg), ("jpeg", .jpeg), ("jpe", .jpeg), ("bmp", .bmp), ("gif", .gif),
        ("pnm", .pnm), ("ppm", .pnm), ("pgm", .pnm), ("pbm", .pnm), ("tif", .tiff), ("tiff", .tiff), ("webp", .webp),
        ("tga", .tga),
    ]
}

extension Image {
    /// Refuses sizes that make no picture, or that a file of so many bytes can't hold: giant pictures in tiny files are
    /// made to fill memory.
    ///
    /// - Parameter perByte: the pixels that a byte stands for at the very best; 4,096 where the coding knows no bound
    static func check(
        width: Int, height: Int, bytes: Int, perByte: Int = 4096, place: String
    ) throws(ApusError) {
        guard width > 0, height > 0 else {
            throw damaged(place, "its size is \(width) x \(height) (header, byte 0)")
        }
        guard width <= maximumPixels / height else {
            throw ApusError(
                .resource, in: place,
                "its size is \(width) x \(height), but \(maximumPixels) pixels are the most allowed",
                remedy: "make the picture smaller with another program first")
        }
        // Small pictures do no harm, and their edges may be filled up to whole blocks.
        guard width * height <= 1 << 18 || width * height / perByte <= bytes else {
            throw damaged(place, "\(bytes) bytes can't hold \(width) x \(height) pixels (header, byte 0)")
        }
    }

    /// The error of a picture file that makes no sense.
    static func damaged(_ place: String, _ problem: String) -> ApusError {
        ApusError(.format, in: place, problem, remedy: "the picture is damaged or cut short: copy or save it again")
    }
}
