import ApusCore
import TestSupport

func interpolation(_ arguments: GoldenArguments, _ name: String = "mode") throws -> Interpolation {
    switch try arguments.text(name) {
    case "nearest": return .nearestCorner
    case "nearest_exact": return .nearest
    case "bilinear": return .bilinear
    case "area": return .area
    case "bicubic":
        return .bicubic(
            coefficient: try arguments.number("cubic_coefficient"), renormalized: arguments.has("edge"))
    case let other: throw GoldenMissing(other)
    }
}

func resizeTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["resize"] = {
        let corners = $0.has("align_corners") ? try $0.flag("align_corners") : false
        let antialias = $0.has("antialias") ? try $0.flag("antialias") : false
        return [
            try $0("input").resized(
                to: try $0.integers("output_size"), try interpolation($0), alignCorners: corners, antialias: antialias)
        ]
    }
    table["upsample"] = {
        let mode = try $0.text("mode") == "nearest" ? Interpolation.nearest : .bilinear
        return [try $0("input").upsampled(by: PerAxis(try $0.integers("factor")), mode)]
    }
    func order(_ arguments: GoldenArguments) throws -> ChannelOrder {
        try arguments.text("channel_order") == "crd" ? .placeFastest : .channelFastest
    }
    table["pixel_shuffle"] = { [try $0("input").depthToSpace(try $0.integer("factor"), order: try order($0))] }
    table["pixel_unshuffle"] = { [try $0("input").spaceToDepth(try $0.integer("factor"), order: try order($0))] }
    table["channel_shuffle"] = { [try $0("input").channelShuffled(groups: try $0.integer("groups"))] }
    table["grid_sample"] = {
        let border: SamplingBorder
        switch try $0.text("padding") {
        case "zeros": border = .zeros
        case "border": border = .border
        default: border = .reflection
        }
        return [
            try $0("input").sampled(
                grid: try $0("grid"), try $0.text("mode") == "nearest" ? .nearest : .bilinear, border: border,
                alignCorners: try $0.flag("align_corners"))
        ]
    }
    table["affine_grid"] = {
        [
            try $0("theta").affineGrid(
                size: try $0.integers("output_size"), alignCorners: try $0.flag("align_corners"))
        ]
    }
    table["crop"] = { [try $0("input").cropped(offset: try $0.integers("offset"), size: try $0.integers("size"))] }
    table["center_crop"] = { [try $0("input").centerCropped(to: try $0.integers("size"))] }
    table["zero_padding"] = { [try $0("input").padded([(0, 0)] + (try $0.pairs("padding")) + [(0, 0)])] }
    table["cropping"] = {
        let (x, widths) = (try $0("input"), try $0.pairs("cropping"))
        let size = widths.indices.map { x.shape[$0 + 1] - widths[$0].before - widths[$0].after }
        return [x.cropped(offset: widths.map(\.before), size: size)]
    }
    return table
}
