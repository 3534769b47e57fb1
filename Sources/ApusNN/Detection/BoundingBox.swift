/// A rectangle along the axes of an image, in pixels.
public struct BoundingBox: Sendable, Hashable {
    /// The left edge.
    public var left: Double
    /// The upper edge.
    public var top: Double
    /// The right edge.
    public var right: Double
    /// The lower edge.
    public var bottom: Double

    /// A box by its edges, in pixels or shares of the image.
    public init(left: Double, top: Double, right: Double, bottom: Double) {
        (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
    }

    /// From the left edge to the right one; negative where these are exchanged.
    public var width: Double { right - left }
    /// From the upper edge to the lower one; negative where these are exchanged.
    public var height: Double { bottom - top }
    /// Width times height.
    public var area: Double { width * height }

    /// The area that both cover.
    public func intersection(_ other: BoundingBox) -> Double {
        let width = min(right, other.right) - max(left, other.left)
        let height = min(bottom, other.bottom) - max(top, other.top)
        return width > 0 && height > 0 ? width * height : 0
    }

    /// Intersection over union: 0 for boxes apart, 1 for equal ones.
    public func overlap(_ other: BoundingBox) -> Double {
        let shared = intersection(other)
        let union = area + other.area - shared
        return union > 0 ? shared / union : 0
    }
}

/// An object that is in an image.
public struct TrueBox: Sendable, Hashable {
    /// Where it is.
    public var box: BoundingBox
    /// The number of its class.
    public var label: Int
    /// Whether the box holds many objects that nobody told apart: detections in it count neither for nor against.
    public var isCrowd: Bool

    /// - Parameter isCrowd: whether it stands for many objects that were not told apart
    public init(_ box: BoundingBox, label: Int, isCrowd: Bool = false) {
        (self.box, self.label, self.isCrowd) = (box, label, isCrowd)
    }
}

/// An object that a model found.
public struct DetectedBox: Sendable, Hashable {
    /// Where it is.
    public var box: BoundingBox
    /// The number of its class.
    public var label: Int
    /// How sure the model is.
    public var score: Double

    /// - Parameter score: how sure the detector is
    public init(_ box: BoundingBox, label: Int, score: Double) {
        (self.box, self.label, self.score) = (box, label, score)
    }
}
