import ApusCore

/// Figures of images `[batch, height, width, channels]`: means over the images.
extension Metric {
    /// The peak signal-to-noise ratio of all pixels together: `10 log10(range^2 / mean squared error)`, in dB.
    public static func peakSignalNoiseRatio(range: Double = 1) -> Metric {
        .elementwise(
            "PSNR", higherIsBetter: true, finish: { Real.log10(range * range / $0) * 10 }
        ) { (a: Tensor, b: Tensor) in (a - b).square() }
    }

    /// The structural similarity.
    public static func structuralSimilarity(
        window: SimilarityWindow = .gaussian(), range: Double = 1
    ) -> Metric {
        Metric("SSIM") { ApusNN.structuralSimilarity($0, $1, window: window, range: range) }
    }

    /// The structural similarity at several scales.
    public static func multiScaleStructuralSimilarity(
        window: SimilarityWindow = .gaussian(), range: Double = 1
    ) -> Metric {
        Metric("MS-SSIM") { ApusNN.multiScaleStructuralSimilarity($0, $1, window: window, range: range) }
    }

    /// The universal image quality index.
    public static let universalImageQuality = Metric("UQI") { ApusNN.universalImageQuality($0, $1) }
    /// The angle between spectra, in radians.
    public static let spectralAngle = Metric("spectral angle", higherIsBetter: false) { ApusNN.spectralAngle($0, $1) }
    /// The sum of differences between neighbouring pixels of the output; targets are not looked at.
    public static let totalVariation = Metric("total variation", higherIsBetter: false) { output, _ in
        ApusNN.totalVariation(output)
    }
    /// The relative global error of fused images (ERGAS).
    public static func relativeGlobalError(ratio: Double = 4) -> Metric {
        Metric("ERGAS", higherIsBetter: false) { ApusNN.relativeGlobalError($0, $1, ratio: ratio) }
    }
    /// The root mean squared error in sliding windows.
    public static func slidingRootMeanSquaredError(window: Int = 8) -> Metric {
        Metric("sliding RMSE", higherIsBetter: false) {
            ApusNN.slidingRootMeanSquaredError($0, $1, window: window)
        }
    }
    /// The relative average spectral error.
    public static func relativeSpectralError(window: Int = 8) -> Metric {
        Metric("RASE", higherIsBetter: false) { ApusNN.relativeSpectralError($0, $1, window: window) }
    }
    /// How much fusion changed the similarities between channels.
    public static func spectralDistortion(p: Double = 1) -> Metric {
        Metric("spectral distortion", higherIsBetter: false) { ApusNN.spectralDistortion($0, $1, p: p) }
    }
}
