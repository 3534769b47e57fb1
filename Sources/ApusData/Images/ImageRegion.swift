import ApusCore

/// A rectangle of pixels.
public struct ImageRegion: Sendable, Equatable, CustomStringConvertible {
    /// The upper left corner.
    public var x: Int, y: Int
    /// The extents in pixels.
    public var width: Int, height: Int

    /// - Parameter x: the first column; `y` is the first row
    public init(x: Int, y: Int, width: Int, height: Int) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    public var description: String { "\(width) x \(height) pixels at (\(x), \(y))" }

    /// Whether the rectangle holds pixels, all of which are in a picture of a size.
    func isInside(_ width: Int, _ height: Int) -> Bool {
        x >= 0 && y >= 0 && self.width > 0 && self.height > 0 && self.width <= width && self.height <= height
            && x <= width - self.width && y <= height - self.height
    }

    /// The rectangle where it was before a picture of a size was turned upright.
    func beforeTurning(by orientation: Int, width: Int, height: Int) -> ImageRegion {
        let (right, bottom) = (width - x - self.width, height - y - self.height)
        switch orientation {
        case 2: return ImageRegion(x: right, y: y, width: self.width, height: self.height)
        case 3: return ImageRegion(x: right, y: bottom, width: self.width, height: self.height)
        case 4: return ImageRegion(x: x, y: bottom, width: self.width, height: self.height)
        case 5: return ImageRegion(x: y, y: x, width: self.height, height: self.width)
        case 6: return ImageRegion(x: y, y: right, width: self.height, height: self.width)
        case 7: return ImageRegion(x: bottom, y: right, width: self.height, height: self.width)
        case 8: return ImageRegion(x: bottom, y: x, width: self.height, height: self.width)
        default: return self
        }
    }
}

extension Image {
    /// Reads a part of a picture, and where the file's format can, no larger than is needed.
    ///
    /// JPEG files are decoded at an eighth, a quarter or half of their size if that leaves at least `least` pixels, and
    /// only as far as the part asks for; of other files a part is cut out. What follows is usually a resize:
    ///
    ///     let size = try Image.size(of: bytes)
    ///     let part = ImageRegion(x: 0, y: 0, width: size.width / 2, height: size.height / 2)
    ///     let image = try Image(decoding: bytes, region: part, atLeast: (224, 224)).resized(width: 224, height: 224)
    ///
    /// - Parameters:
    ///   - place: stands in error messages
    ///   - region: in pixels of the picture in full size, turned upright if `upright`; nil for all of it
    ///   - least: the width and the height that the result must have at least, if the part itself has; nil for full size
    public init(
        decoding bytes: [UInt8], place: String = "image data", upright: Bool = true, region: ImageRegion?,
        atLeast least: (width: Int, height: Int)?
    ) throws(ApusError) {
        guard ImageFormat(detecting: bytes) == .jpeg else {
            let image = try Image(decoding: bytes, place: place, upright: upright)
            guard let region else {
                self = image
                return
            }
            self = try image.cropped(x: region.x, y: region.y, width: region.width, height: region.height)
            return
        }
        let orientation = upright ? JPEG.orientation(bytes) : 1
        let swapped = (5...8).contains(orientation)
        var inner = region
        if let region, (2...8).contains(orientation) {
            let size = try JPEG.size(of: bytes, place: place)
            let (width, height) = swapped ? (size.height, size.width) : size
            // What is outside stays outside: the decoder names it.
            if region.isInside(width, height) {
                inner = region.beforeTurning(by: orientation, width: width, height: height)
            }
        }
        let innerLeast = least.map { swapped ? ($0.height, $0.width) : $0 }
        self = try JPEG.decode(bytes, place: place, region: inner, atLeast: innerLeast).turned(by: orientation)
    }

    /// The width and the height that a picture file declares, turned upright. Of JPEG, PNG, BMP, GIF and TIFF files only the
    /// beginning is looked at.
    public static func size(
        of bytes: [UInt8], place: String = "image data"
    ) throws(ApusError) -> (width: Int, height: Int) {
        switch ImageFormat(detecting: bytes) {
        case .jpeg:
            let size = try JPEG.size(of: bytes, place: place)
            return (5...8).contains(JPEG.orientation(bytes)) ? (size.height, size.width) : size
        case .png:
            var reader = ByteReader(bytes, at: min(16, bytes.count))
            guard let width = reader.big32(), let height = reader.big32(), width > 0, height > 0 else {
                throw damaged(place, "it ends in its header (byte \(bytes.count))")
            }
            return (width, height)
        default:
            let image = try Image(decoding: bytes, place: place)
            return (image.width, image.height)
        }
    }
}
