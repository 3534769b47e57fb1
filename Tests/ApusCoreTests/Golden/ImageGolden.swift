import ApusCore
import TestSupport

func imageTable() -> GoldenTable {
    imageWarps().merging(imageColors()) { first, _ in first }.merging(imageFeatures()) { first, _ in first }
}

/// A single image without channels as a batch of one.
private func batch(_ image: Tensor) -> Tensor { image.expanded(at: 0).expanded(at: -1) }

private func imageWarps() -> GoldenTable {
    var table: GoldenTable = [:]
    func kind(_ arguments: GoldenArguments) throws -> Interpolation {
        try arguments.text("interpolation") == "nearest" ? .nearest : .bilinear
    }
    table["rotate"] = {
        [try $0("input").rotated(degrees: try $0.number("angle"), try kind($0), fill: try $0.number("fill"))]
    }
    table["affine"] = {
        let (move, shear) = (try $0.numbers("translate"), try $0.numbers("shear"))
        return [
            try $0("input").affinelyWarped(
                degrees: try $0.number("angle"), translation: ImagePoint(move[0], move[1]),
                scale: try $0.number("scale"), shear: ImagePoint(shear[0], shear[1]), try kind($0),
                fill: try $0.number("fill"))
        ]
    }
    table["perspective"] = {
        func points(_ pairs: [(before: Int, after: Int)]) -> [ImagePoint] {
            pairs.map { ImagePoint(Double($0.before), Double($0.after)) }
        }
        return [
            try $0("input").perspectivelyWarped(
                from: points(try $0.pairs("start")), to: points(try $0.pairs("end")), try kind($0),
                fill: try $0.number("fill"))
        ]
    }
    table["flip_horizontal"] = unary { $0.flippedHorizontally() }
    table["flip_vertical"] = unary { $0.flippedVertically() }
    table["erase"] = {
        [
            try $0("input").erased(
                offset: [try $0.integer("top"), try $0.integer("left")],
                size: [try $0.integer("height"), try $0.integer("width")], value: try $0.number("value"))
        ]
    }
    table["pil_resize"] = {
        [
            try $0("input").resized(
                to: try $0.integers("output_size"), antialias: $0.has("antialias") ? try $0.flag("antialias") : true)
        ]
    }
    table["mixup"] = {
        [try $0("input").mixedUp(permutation: try $0("permutation"), weight: try $0.number("lambda"))]
    }
    table["extract_patches"] = {
        [
            try $0("input").patches(
                window: PerAxis(try $0.integers("size")), strides: PerAxis(try $0.integers("strides")),
                padding: try $0.text("padding_mode") == "same" ? .same : .valid)
        ]
    }
    return table
}

private func imageColors() -> GoldenTable {
    var table: GoldenTable = [:]
    table["brightness"] = { [try $0("input").adjustedBrightness(try $0.number("factor"))] }
    table["contrast"] = { [try $0("input").adjustedContrast(try $0.number("factor"))] }
    table["saturation"] = { [try $0("input").adjustedSaturation(try $0.number("factor"))] }
    table["hue"] = { [try $0("input").adjustedHue(try $0.number("factor"))] }
    table["gamma"] = { [try $0("input").adjustedGamma(try $0.number("factor"))] }
    table["sharpness"] = { [try $0("input").adjustedSharpness(try $0.number("factor"))] }
    table["grayscale"] = unary { $0.grayscale() }
    table["rgb_to_grayscale_keras"] = unary { $0.grayscale() }
    table["normalize"] = {
        [try $0("input").standardized(mean: try $0.numbers("mean"), deviation: try $0.numbers("std"))]
    }
    table["per_image_standardization"] = unary { $0.standardizedPerImage() }
    table["equalize"] = unary { $0.equalized() }
    table["posterize"] = { [try $0("input").posterized(bits: try $0.integer("bits"))] }
    table["solarize"] = { [try $0("input").solarized(threshold: try $0.number("threshold"))] }
    table["autocontrast"] = unary { $0.autocontrasted() }
    table["invert"] = unary { $0.colorsInverted() }
    table["rgb_to_hsv"] = unary { $0.rgbToHSV() }
    table["hsv_to_rgb"] = unary { $0.hsvToRGB() }
    return table
}

private func imageFeatures() -> GoldenTable {
    var table: GoldenTable = [:]
    table["gaussian_blur"] = {
        let size = PerAxis(try $0.integers("kernel_size"))
        return [try $0("input").gaussianBlurred(size: size, sigma: try $0.numbers("sigma"))]
    }
    table["sobel"] = {
        let slopes = batch(try $0("input")).sobel()
        return [slopes.magnitude, slopes.rows, slopes.columns].map { $0.squeezed(0, 3) }
    }
    table["gabor_kernel"] = {
        let kernel = Tensor.gaborKernel(
            frequency: try $0.number("frequency"), angle: try $0.number("theta"),
            sigma: (try $0.number("sigma_x"), try $0.number("sigma_y")), offset: try $0.number("offset"),
            reach: try $0.number("n_stds"), dtype: $0.dtype)
        return [kernel.real, kernel.imaginary]
    }
    table["hog"] = {
        let norms: [String: BlockNormalization] = ["L1": .l1, "L1-sqrt": .l1Root, "L2": .l2, "L2-Hys": .l2Clipped]
        guard let norm = norms[try $0.text("block_norm")] else { throw GoldenMissing("block norm") }
        return [
            batch(try $0("input")).orientedGradientHistograms(
                orientations: try $0.integer("orientations"), cell: PerAxis(try $0.integers("pixels_per_cell")),
                block: PerAxis(try $0.integers("cells_per_block")), norm
            ).flattened()
        ]
    }
    table["local_binary_pattern"] = {
        [
            batch(try $0("input")).localBinaryPattern(
                points: try $0.integer("points"), radius: try $0.number("radius")
            ).squeezed(0, 3)
        ]
    }
    table["otsu_threshold"] = { [batch(try $0("input")).otsuThreshold().squeezed(0, 1)] }
    return table
}
