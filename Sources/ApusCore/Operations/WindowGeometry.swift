import CKernels

/// One number for each spatial axis, or one for all of them: `3`, `[3, 5]`.
public struct PerAxis: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
    CustomStringConvertible
{
    /// One number for all axes, or one for each.
    public let values: [Int]

    /// A number for each axis.
    public init(_ values: [Int]) { self.values = values }
    /// One number for all axes.
    public init(_ value: Int) { values = [value] }
    /// One number for all axes.
    public init(integerLiteral value: Int) { values = [value] }
    /// A number for each axis.
    public init(arrayLiteral elements: Int...) { values = elements }

    public var description: String { values.count == 1 ? "\(values[0])" : "\(values)" }

    /// The numbers for `rank` axes, each within `allowed`.
    package func resolved(
        rank: Int, allowed: ClosedRange<Int>, _ name: String, in place: String
    ) throws(ApusError) -> [Int] {
        guard values.count == rank || values.count == 1 else {
            throw ApusError(
                .value, in: place, "\(name) \(values) has \(values.count) numbers for \(rank) spatial axes",
                remedy: "give one number, or one for each spatial axis")
        }
        for value in values where !allowed.contains(value) {
            throw ApusError(
                .value, in: place, "\(name) \(value) is out of range", remedy: "use numbers in \(allowed)")
        }
        return values.count == rank ? values : [Int](repeating: values[0], count: rank)
    }
}

/// What can be given as one number for each spatial axis: `3`, `[3, 5]`, or a ``PerAxis``.
public protocol PerAxisConvertible: Sendable {
    var perAxis: PerAxis { get }
}

extension PerAxis: PerAxisConvertible {
    /// The value itself.
    public var perAxis: PerAxis { self }
}

extension Int: PerAxisConvertible {
    /// The same number for all axes.
    public var perAxis: PerAxis { PerAxis(self) }
}

extension [Int]: PerAxisConvertible {
    /// A number for each axis.
    public var perAxis: PerAxis { PerAxis(self) }
}

/// What is added around images before a window moves over them.
public struct Padding: Hashable, Sendable, CustomStringConvertible {
    private enum Kind: Hashable { case valid, same, causal, explicit }
    private let kind: Kind
    private let before: [Int]
    private let after: [Int]

    /// Nothing: windows stay inside.
    public static let valid = Padding(kind: .valid, before: [], after: [])
    /// As much as makes the output `ceil(extent / stride)` large; the odd cell stands behind.
    public static let same = Padding(kind: .same, before: [], after: [])
    /// All of it before, so that no output sees a later input; for sequences.
    public static let causal = Padding(kind: .causal, before: [], after: [])
    /// The given widths: a pair for each spatial axis, or one for all.
    public static func explicit(_ widths: [(before: Int, after: Int)]) -> Padding {
        Padding(kind: .explicit, before: widths.map(\.before), after: widths.map(\.after))
    }
    /// The same width before and after every spatial axis.
    public static func explicit(_ width: Int) -> Padding { explicit([(width, width)]) }

    /// The widths that were given; `nil` where they follow from the images.
    package var widths: [(before: Int, after: Int)]? { kind == .explicit ? Array(zip(before, after)) : nil }

    public var description: String {
        switch kind {
        case .valid: "valid"
        case .same: "same"
        case .causal: "causal"
        case .explicit: zip(before, after).map { "(\($0), \($1))" }.joined(separator: ", ")
        }
    }

    /// The widths for images of the given extents.
    package func widths(
        image: [Int], window: [Int], strides: [Int], dilation: [Int], in place: String
    ) throws(ApusError) -> (before: [Int], after: [Int]) {
        let zeros = image.map { _ in 0 }
        switch kind {
        case .valid:
            return (zeros, zeros)
        case .same:
            let total = image.indices.map { axis in
                let count = (image[axis] + strides[axis] - 1) / strides[axis]
                return max((count - 1) * strides[axis] + dilation[axis] * (window[axis] - 1) + 1 - image[axis], 0)
            }
            return (total.map { $0 / 2 }, total.map { $0 - $0 / 2 })
        case .causal:
            guard image.count == 1 else {
                throw ApusError(
                    .value, in: place, "causal padding with \(image.count) spatial axes",
                    remedy: "use it for sequences [batch, time, channels]")
            }
            return ([dilation[0] * (window[0] - 1)], zeros)
        case .explicit:
            let allowed = WindowGeometry.paddingRange
            return (
                try PerAxis(before).resolved(rank: image.count, allowed: allowed, "padding before", in: place),
                try PerAxis(after).resolved(rank: image.count, allowed: allowed, "padding after", in: place)
            )
        }
    }
}

/// How a window moves over the spatial axes of channels-last images.
package struct WindowGeometry: Hashable, Sendable {
    package let strides: [Int]
    package let dilation: [Int]
    package let before: [Int]
    /// Negative widths cut the image off at its end.
    package let after: [Int]

    package static let stepRange = 1...4096
    package static let windowRange = 1...4096
    package static let paddingRange = 0...(1 << 20)

    package init(strides: [Int], dilation: [Int], before: [Int], after: [Int]) {
        self.strides = strides
        self.dilation = dilation
        self.before = before
        self.after = after
    }

    package init(
        image: [Int], window: [Int], strides: PerAxis, padding: Padding, dilation: PerAxis, in place: String
    ) throws(ApusError) {
        let rank = image.count
        self.strides = try strides.resolved(rank: rank, allowed: Self.stepRange, "stride", in: place)
        self.dilation = try dilation.resolved(rank: rank, allowed: Self.stepRange, "dilation", in: place)
        _ = try PerAxis(window).resolved(rank: rank, allowed: Self.windowRange, "window extent", in: place)
        (before, after) = try padding.widths(
            image: image, window: window, strides: self.strides, dilation: self.dilation, in: place)
    }

    package var rank: Int { strides.count }

    /// The number of windows on each axis, or why there is none.
    package func positions(image: [Int], window: [Int], in place: String) throws(ApusError) -> [Int] {
        guard image.count == rank, window.count == rank else {
            throw ApusError(
                .shape, in: place, "images \(image) and window \(window) do not have \(rank) spatial axes",
                remedy: "give one stride, dilation and padding for each spatial axis")
        }
        _ = try PerAxis(strides).resolved(rank: rank, allowed: Self.stepRange, "stride", in: place)
        _ = try PerAxis(dilation).resolved(rank: rank, allowed: Self.stepRange, "dilation", in: place)
        _ = try PerAxis(window).resolved(rank: rank, allowed: Self.windowRange, "window extent", in: place)
        var result: [Int] = []
        for axis in 0..<rank {
            let reach = dilation[axis] * (window[axis] - 1) + 1
            let room = image[axis] + before[axis] + after[axis] - reach
            guard room >= 0 else {
                throw ApusError(
                    .shape, in: place,
                    "the window \(window) with dilation \(dilation) reaches over \(reach) cells of spatial axis \(axis)"
                        + ", images \(image) with padding (\(before[axis]), \(after[axis])) have \(room + reach)",
                    remedy: "use a smaller kernel, larger images or padding")
            }
            result.append(room / strides[axis] + 1)
        }
        return result
    }

    /// The kernels' form; fewer than three spatial axes get leading extents of 1.
    package func kernelShape(
        batch: Int, image: [Int], output: [Int], window: [Int], channels: Int, maps: Int, groups: Int = 1
    ) -> apus_convolution_shape {
        func three(_ values: [Int], _ filling: Int) -> (Int, Int, Int) {
            let all = [Int](repeating: filling, count: 3 - values.count) + values
            return (all[0], all[1], all[2])
        }
        var shape = apus_convolution_shape()
        shape.batch = batch
        shape.in = three(image, 1)
        shape.out = three(output, 1)
        shape.kernel = three(window, 1)
        shape.stride = three(strides, 1)
        shape.dilation = three(dilation, 1)
        shape.pad = three(before, 0)
        shape.channels = channels
        shape.maps = maps
        shape.groups = groups
        return shape
    }

    /// Calls a closure for every pair of a window and a cell of the image in it: the window's position, the cell's
    /// and the tap at which it stands, all row-major over the spatial axes.
    package func forEachTap(
        image: [Int], output: [Int], window: [Int], _ body: (_ output: Int, _ input: Int, _ tap: Int) -> Void
    ) {
        var position = 0
        forEachIndex(Shape(output)) { at in
            var tap = 0
            forEachIndex(Shape(window)) { within in
                var cell = 0
                var inside = true
                for axis in 0..<rank {
                    let place = at[axis] * strides[axis] - before[axis] + within[axis] * dilation[axis]
                    inside = inside && place >= 0 && place < image[axis]
                    cell = cell * image[axis] + place
                }
                if inside { body(position, cell, tap) }
                tap += 1
            }
            position += 1
        }
    }
}
