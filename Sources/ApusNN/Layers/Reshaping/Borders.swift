import ApusCore

/// What layers have in common that add or take away cells around images of one to three spatial axes.
public class BorderLayer: Layer {
    /// The widths before and after each spatial axis; one pair stands for all axes.
    public let widths: [(before: Int, after: Int)]

    /// - Parameter widths: a pair for each spatial axis, or one for all
    public init(_ widths: [(before: Int, after: Int)]) { self.widths = widths }

    /// The same width everywhere.
    public init(_ width: Int = 1) { widths = [(width, width)] }

    class var axes: Int { 2 }

    public var details: String { Padding.explicit(widths).description }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let axes = type(of: self).axes
        try requireImages(x, axes: axes)
        let allowed = WindowGeometry.paddingRange
        guard widths.count == axes || widths.count == 1,
            widths.allSatisfy({ allowed.contains($0.before) && allowed.contains($0.after) })
        else {
            throw mistake(
                .value, "the widths \(details) for shape \(x.shape)",
                remedy: "give a pair of 0 or more for each spatial axis, or one for all")
        }
        return try changed(x, widths.count == axes ? widths : Array(repeating: widths[0], count: axes))
    }

    func changed(_ x: Tensor, _ widths: [(before: Int, after: Int)]) throws(ApusError) -> Tensor { x }
}

/// Cells taken away around images: see ``Cropping1D``, ``Cropping2D`` and ``Cropping3D``.
public class CroppingLayer: BorderLayer {
    override func changed(_ x: Tensor, _ widths: [(before: Int, after: Int)]) throws(ApusError) -> Tensor {
        var result = x
        for (number, width) in widths.enumerated() {
            let extent = x.shape[number + 1]
            guard width.before + width.after <= extent else {
                throw mistake(
                    .shape, "the widths \(details) for shape \(x.shape)",
                    remedy: "take away no more cells than there are")
            }
            result = result.slice(axis: number + 1, width.before..<extent - width.after)
        }
        return result
    }
}

/// Steps taken away at both ends: `[batch, time, channels]`.
public final class Cropping1D: CroppingLayer {
    override class var axes: Int { 1 }
}

/// Rows and columns taken away: `[batch, height, width, channels]`.
///
///     Cropping2D([(before: 1, after: 0), (before: 2, after: 2)])
public final class Cropping2D: CroppingLayer {
    override class var axes: Int { 2 }
}

/// Cells taken away around volumes: `[batch, depth, height, width, channels]`.
public final class Cropping3D: CroppingLayer {
    override class var axes: Int { 3 }
}

/// Cells added around images: see ``Pad1D``, ``Pad2D`` and ``Pad3D``.
public class PadLayer: BorderLayer {
    /// What is added.
    public enum Filling: Hashable, Sendable {
        /// One number.
        case constant(Double)
        /// The image continued: mirrored, its edge repeated, or its other end.
        case continued(PaddingMode)

        /// Zeros.
        public static let zeros = Filling.constant(0)
        /// The input mirrored at its outer elements, which are not repeated.
        public static let reflect = Filling.continued(.reflect)
        /// The nearest element.
        public static let replicate = Filling.continued(.replicate)
        /// The input repeated.
        public static let circular = Filling.continued(.circular)
    }

    /// What the border holds.
    public let filling: Filling

    /// - Parameter widths: a pair for each spatial axis, or one for all
    public init(_ widths: [(before: Int, after: Int)], filling: Filling) {
        self.filling = filling
        super.init(widths)
    }

    /// The same width everywhere.
    public init(_ width: Int, filling: Filling) {
        self.filling = filling
        super.init(width)
    }

    public override var details: String {
        switch filling {
        case .constant(let value): super.details + " of \(value)"
        case .continued(let mode): super.details + ", \(mode)"
        }
    }

    override func changed(_ x: Tensor, _ widths: [(before: Int, after: Int)]) -> Tensor {
        let all = [(before: 0, after: 0)] + widths + [(before: 0, after: 0)]
        switch filling {
        case .constant(let value): return x.padded(all, value: value)
        case .continued(let mode): return x.padded(all, mode: mode)
        }
    }
}

/// Steps added at both ends: `[batch, time, channels]`.
public final class Pad1D: PadLayer {
    override class var axes: Int { 1 }
}

/// Rows and columns added: `[batch, height, width, channels]`.
///
///     Pad2D(1, filling: .reflect)
public final class Pad2D: PadLayer {
    override class var axes: Int { 2 }
}

/// Cells added around volumes: `[batch, depth, height, width, channels]`.
public final class Pad3D: PadLayer {
    override class var axes: Int { 3 }
}

/// Zeros added around images: see ``ZeroPadding1D``, ``ZeroPadding2D`` and ``ZeroPadding3D``.
public class ZeroPaddingLayer: BorderLayer {
    override func changed(_ x: Tensor, _ widths: [(before: Int, after: Int)]) -> Tensor {
        x.padded([(before: 0, after: 0)] + widths + [(before: 0, after: 0)])
    }
}

/// Zeros added at both ends: `[batch, time, channels]`.
public final class ZeroPadding1D: ZeroPaddingLayer {
    override class var axes: Int { 1 }
}

/// Rows and columns of zeros added: `[batch, height, width, channels]`.
public final class ZeroPadding2D: ZeroPaddingLayer {
    override class var axes: Int { 2 }
}

/// Zeros added around volumes: `[batch, depth, height, width, channels]`.
public final class ZeroPadding3D: ZeroPaddingLayer {
    override class var axes: Int { 3 }
}
