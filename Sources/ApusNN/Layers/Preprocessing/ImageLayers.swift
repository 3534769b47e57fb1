import ApusCore

/// Images of another size: `[batch, height, width, channels]`.
///
///     Resizing([224, 224], antialias: true)
public final class Resizing: Layer {
    /// Height and width.
    public let size: [Int]
    /// How colours between pixels are found.
    public let interpolation: Interpolation
    /// Whether shrinking takes the mean of all pixels that a new one covers.
    public let antialias: Bool

    /// - Parameter size: height and width
    public init(_ size: [Int], _ interpolation: Interpolation = .bilinear, antialias: Bool = false) {
        self.size = size
        self.interpolation = interpolation
        self.antialias = antialias
    }

    public var details: String { "to \(size.map(String.init).joined(separator: "x"))" }

    /// uint8 becomes float32 of the same range.
    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try requireImages(x, axes: 2)
        return (x.dtype == .uint8 ? x.cast(to: .float32) : x).resized(to: size, interpolation, antialias: antialias)
    }
}

/// The middle of images `[batch, height, width, channels]`; smaller ones are enlarged first, keeping their proportions.
public final class CenterCrop: Layer {
    /// Height and width.
    public let size: [Int]

    /// - Parameter size: height and width
    public init(_ size: [Int]) { self.size = size }

    public var details: String { "to \(size.map(String.init).joined(separator: "x"))" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try requireImages(x, axes: 2)
        return try atLeast(size, x).centerCropped(to: size)
    }
}

extension Layer {
    /// Images enlarged, keeping their proportions, until they hold a window of the given size.
    func atLeast(_ size: [Int], _ x: Tensor) throws(ApusError) -> Tensor {
        guard size.count == 2, size.allSatisfy({ (1...1 << 16).contains($0) }), x.shape[1] > 0, x.shape[2] > 0 else {
            throw mistake(
                .value, "a window of \(size) of images of shape \(x.shape)",
                remedy: "give a height and a width in 1...65536, and images with pixels")
        }
        let scale = max(Double(size[0]) / Double(x.shape[1]), Double(size[1]) / Double(x.shape[2]))
        guard scale > 1 else { return x }
        let enlarged = (0..<2).map { max(size[$0], Int((Double(x.shape[$0 + 1]) * scale).rounded())) }
        return x.resized(to: enlarged)
    }
}

/// Colours redistributed so that all occur about equally often: see ``ApusCore/Tensor/equalized()``. Not
/// differentiable.
/// `[batch, height, width, channels]` to the same shape, or `[height, width, channels]`.
public final class Equalization: Layer {
    /// A layer without attributes.
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.equalized() }
}

/// Colours stretched to the whole range: see ``ApusCore/Tensor/autocontrasted()``.
/// `[batch, height, width, channels]` to the same shape, or `[height, width, channels]`.
public final class AutoContrast: Layer {
    /// A layer without attributes.
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.autocontrasted() }
}

/// Colours from a threshold on subtracted from white: see ``ApusCore/Tensor/solarized(threshold:)``.
/// `[batch, height, width, channels]` to the same shape, or `[height, width, channels]`.
public final class Solarization: Layer {
    /// Above which colours are inverted.
    public let threshold: Double

    /// - Parameter threshold: from 0 to 1, or to 255 for uint8
    public init(threshold: Double = 0.5) { self.threshold = threshold }

    public var details: String { "threshold \(threshold)" }

    public func forward(_ x: Tensor) -> Tensor { x.solarized(threshold: threshold) }
}

/// Colours redistributed by the histograms of the tiles around them (CLAHE): see
/// ``ApusCore/Tensor/adaptivelyEqualized(tiles:limit:)``. Not differentiable.
///
///     AdaptiveEqualization(tiles: [8, 8], limit: 4)
public final class AdaptiveEqualization: Layer {
    /// How many tiles along height and width.
    public let tiles: [Int]
    /// How much more than its even share a level may hold; 0 is no limit.
    public let limit: Double

    /// - Parameter limit: how much more than its even share a level may hold; 0 is no limit
    public init(tiles: [Int] = [8, 8], limit: Double = 4) {
        self.tiles = tiles
        self.limit = limit
    }

    public var details: String { "\(tiles.map(String.init).joined(separator: "x")) tiles, limit \(limit)" }

    public func forward(_ x: Tensor) -> Tensor { x.adaptivelyEqualized(tiles: tiles, limit: limit) }
}

/// So many boxes, or labels of boxes, for each image, whatever their number was: the first ones, and rows of a filling
/// value behind fewer. `[batch, boxes, ..] -> [batch, count, ..]`.
///
///     let fixed = MaxBoundingBoxes(20)
///     let (boxes, labels) = (fixed(boxes), fixed(labels))      // [batch, 20, 4], [batch, 20]
public final class MaxBoundingBoxes: Layer {
    /// To how many boxes each image is brought.
    public let count: Int
    /// What the boxes that are missing hold.
    public let fill: Double

    /// - Parameter count: to how many boxes each image is brought
    public init(_ count: Int, fill: Double = -1) {
        self.count = count
        self.fill = fill
    }

    public var details: String { "\(count) boxes" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(count, in: 0...1 << 24, "the number of boxes")
        try require(x, rank: 2...8, "[batch, boxes, ..]")
        let kept = x.slice(axis: 1, 0..<min(count, x.shape[1]))
        var widths = [(before: Int, after: Int)](repeating: (0, 0), count: x.rank)
        widths[1].after = count - kept.shape[1]
        return kept.padded(widths, value: fill)
    }
}
