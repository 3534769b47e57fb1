import ApusCore

/// A picture with what is known about it: objects, a mask and key points, which move as its pixels do.
///
///     let photo = AnnotatedImage(image, objects: [ImageObject(left: 10, top: 20, right: 60, bottom: 90, label: 3)])
///     let turned = try photo.rotated(degrees: 10).flippedHorizontally()
///     turned.objects[0].box
///
/// Points are in pixels from the upper left corner of the picture, so that the centre of the first pixel is
/// `(0.5, 0.5)`.
public struct AnnotatedImage: Sendable {
    /// The picture.
    public var image: Image
    /// The objects in it.
    public var objects: [ImageObject]
    /// The class of each pixel, or the number of its object (``ImageObject/maskValue``), of the picture's size with one
    /// channel.
    ///
    /// However many turns and bends follow each other, each pixel of the mask is read once from the mask that was given,
    /// by all maps together: nothing wears off, and outlines and mask stay where they belong. A mask that is assigned
    /// begins anew.
    public var mask: Image? { didSet { maskOrigin = nil } }
    /// Where the mask's pixels come from, after transforms.
    var maskOrigin: MaskOrigin?
    /// Places in the picture.
    public var keyPoints: [ImagePoint]
    /// What the picture as a whole shows.
    public var label: Int?

    /// A picture with what is known of it.
    public init(
        _ image: Image, objects: [ImageObject] = [], mask: Image? = nil, keyPoints: [ImagePoint] = [],
        label: Int? = nil
    ) {
        self.image = image
        self.objects = objects
        self.mask = mask
        self.keyPoints = keyPoints
        self.label = label
    }
}

/// The mask that was given, and the way from the pixels of the transformed one back to it.
struct MaskOrigin: Sendable {
    let given: Image
    /// Nil where a point was outside of the picture at some step on the way.
    let back: @Sendable (ImagePoint) -> ImagePoint?
}

/// An object in a picture: the polygon around it, and its class.
///
/// A box is a polygon of four corners; it stays the polygon that it was through turns, so that a chain of them does not
/// make it grow, and ``box`` is the upright rectangle around it. If the object's pixels in the mask have a number of
/// their own, ``maskValue``, it is the rectangle around these pixels after each transform: of a disc it does not grow
/// at all.
public struct ImageObject: Sendable, Hashable {
    /// The corners in order.
    public var outline: [ImagePoint]
    /// The number of its class.
    public var label: Int
    /// The value of this object's pixels in the picture's mask; nil if the mask does not tell objects apart.
    ///
    /// The outline becomes the rectangle around the pixels of this value with each geometric transform, and the object is
    /// left out when there are none.
    public var maskValue: UInt8?

    /// - Parameter maskValue: the value of its pixels in the mask, if there is one
    public init(outline: [ImagePoint], label: Int = 0, maskValue: UInt8? = nil) {
        self.outline = outline
        self.label = label
        self.maskValue = maskValue
    }

    /// An upright box.
    public init(
        left: Double, top: Double, right: Double, bottom: Double, label: Int = 0, maskValue: UInt8? = nil
    ) {
        outline = [
            ImagePoint(left, top), ImagePoint(right, top), ImagePoint(right, bottom), ImagePoint(left, bottom),
        ]
        self.label = label
        self.maskValue = maskValue
    }

    /// The upright rectangle around the outline; all 0 if nothing is left of it.
    public var box: (left: Double, top: Double, right: Double, bottom: Double) {
        let (xs, ys) = (outline.map(\.x), outline.map(\.y))
        return (xs.min() ?? 0, ys.min() ?? 0, xs.max() ?? 0, ys.max() ?? 0)
    }

    /// What of the outline lies in a picture (Sutherland and Hodgman, CACM 1974).
    func clipped(width: Double, height: Double) -> ImageObject {
        var result = self
        let sides: [(ImagePoint) -> Double] = [{ $0.x }, { width - $0.x }, { $0.y }, { height - $0.y }]
        var points = outline
        for inside in sides {
            var kept: [ImagePoint] = []
            for (index, point) in points.enumerated() {
                let last = points[(index + points.count - 1) % points.count]
                let (here, before) = (inside(point), inside(last))
                if (here >= 0) != (before >= 0) {
                    let share = before / (before - here)
                    kept.append(
                        ImagePoint(last.x + (point.x - last.x) * share, last.y + (point.y - last.y) * share))
                }
                if here >= 0 { kept.append(point) }
            }
            points = kept
        }
        result.outline = points
        return result
    }

    /// The outline with points in between, for maps that bend lines.
    func refined(_ parts: Int) -> ImageObject {
        var result = self
        var points: [ImagePoint] = []
        for (index, point) in outline.enumerated() {
            let next = outline[(index + 1) % outline.count]
            for step in 0..<parts {
                let share = Double(step) / Double(parts)
                points.append(
                    ImagePoint(point.x + (next.x - point.x) * share, point.y + (next.y - point.y) * share))
            }
        }
        result.outline = points
        return result
    }

    /// The object with other corners.
    func mapped(_ map: (ImagePoint) -> ImagePoint) -> ImageObject {
        var result = self
        result.outline = outline.map(map)
        return result
    }
}

/// A projective map of points, as nine numbers row by row.
struct ProjectiveMap: Sendable {
    var m: [Double]

    static let identity = ProjectiveMap(m: [1, 0, 0, 0, 1, 0, 0, 0, 1])

    static func translation(_ x: Double, _ y: Double) -> ProjectiveMap {
        ProjectiveMap(m: [1, 0, x, 0, 1, y, 0, 0, 1])
    }

    static func scale(_ x: Double, _ y: Double) -> ProjectiveMap {
        ProjectiveMap(m: [x, 0, 0, 0, y, 0, 0, 0, 1])
    }

    /// This map after another.
    func after(_ other: ProjectiveMap) -> ProjectiveMap {
        var result = [Double](repeating: 0, count: 9)
        for row in 0..<3 {
            for column in 0..<3 {
                for k in 0..<3 { result[3 * row + column] += m[3 * row + k] * other.m[3 * k + column] }
            }
        }
        return ProjectiveMap(m: result)
    }

    func callAsFunction(_ p: ImagePoint) -> ImagePoint {
        let depth = m[6] * p.x + m[7] * p.y + m[8]
        return ImagePoint((m[0] * p.x + m[1] * p.y + m[2]) / depth, (m[3] * p.x + m[4] * p.y + m[5]) / depth)
    }

    /// The map back; nil if there is none.
    var inverse: ProjectiveMap? {
        let a = m
        let minors: [Double] = [
            a[4] * a[8] - a[5] * a[7], a[2] * a[7] - a[1] * a[8], a[1] * a[5] - a[2] * a[4],
            a[5] * a[6] - a[3] * a[8], a[0] * a[8] - a[2] * a[6], a[2] * a[3] - a[0] * a[5],
            a[3] * a[7] - a[4] * a[6], a[1] * a[6] - a[0] * a[7], a[0] * a[4] - a[1] * a[3],
        ]
        let determinant = a[0] * minors[0] + a[1] * minors[3] + a[2] * minors[6]
        guard determinant.isFinite, abs(determinant) > 1e-12 else { return nil }
        return ProjectiveMap(m: minors.map { $0 / determinant })
    }

    /// The map that moves the corners of the unit square to four points (Heckbert, 1989).
    static func fromUnitSquare(to p: [ImagePoint]) -> ProjectiveMap? {
        guard p.count == 4 else { return nil }
        let (dx1, dy1) = (p[1].x - p[2].x, p[1].y - p[2].y)
        let (dx2, dy2) = (p[3].x - p[2].x, p[3].y - p[2].y)
        let (sx, sy) = (p[0].x - p[1].x + p[2].x - p[3].x, p[0].y - p[1].y + p[2].y - p[3].y)
        let determinant = dx1 * dy2 - dx2 * dy1
        guard determinant.isFinite, abs(determinant) > 1e-12 else { return nil }
        let g = (sx * dy2 - dx2 * sy) / determinant
        let h = (dx1 * sy - sx * dy1) / determinant
        return ProjectiveMap(m: [
            p[1].x - p[0].x + g * p[1].x, p[3].x - p[0].x + h * p[3].x, p[0].x,
            p[1].y - p[0].y + g * p[1].y, p[3].y - p[0].y + h * p[3].y, p[0].y, g, h, 1,
        ])
    }
}
