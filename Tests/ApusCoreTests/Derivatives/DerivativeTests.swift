import ApusCore
import TestSupport
import Testing

/// First and second derivatives of every differentiable operation of the catalog, at random shapes.
@Suite("Derivatives") struct DerivativeTests {
    static let table =
        elementwiseDerivatives + reductionDerivatives + movementDerivatives + indexingDerivatives + productDerivatives
        + windowDerivatives + randomDerivatives + linearAlgebraDerivatives + controlFlowDerivatives
        + detectionDerivatives

    @Test func everyDifferentiableOperationIsChecked() {
        let known = Set(Self.table.map(\.name)).union(withoutDerivative).union(checkedElsewhere.keys)
        let missing = Set(Catalog.operations.map(\.name)).subtracting(known)
        #expect(missing.isEmpty, "without derivative checks: \(missing.sorted())")
        let gone = Set(Self.table.map(\.name)).subtracting(Catalog.operations.map(\.name))
        #expect(gone.isEmpty, "not in the catalog: \(gone.sorted())")
    }

    @Test func wrongRulesAreFound() {
        var random = TestRandom(1)
        let x = random.tensor([3, 5])
        #expect(throws: GoldenProblem.self) {
            try checkDirection(at: [x], &random, tolerance: 2e-6) { points in
                let x = points[0]
                return x.stopGradient().exp().withGradient(with: [x]) { [$0 * x.exp() * 1.001] }
            }
        }
    }

    @Test(arguments: table.indices)
    func matchCentralDifferences(_ number: Int) throws {
        let entry = Self.table[number]
        var random = TestRandom(UInt64(number) &* 7919 &+ 17)
        for round in 0..<20 {
            let (inputs, function) = entry.make(&random)
            do {
                try checkDirection(at: inputs, &random, tolerance: 3e-7) { function($0) }
            } catch {
                Issue.record("\(entry.name), shape \(round), first derivative: \(error)")
                return
            }
            do {
                try checkDirection(at: inputs, &random, tolerance: 2e-6) { points in
                    let (_, gradients) = valueAndGradient(at: points) { variables in
                        let y = function(variables)
                        guard y.error == nil else { return y }
                        let weights = (Tensor.range(count: y.shape.count, dtype: y.dtype) * 1.3).sin() + 0.4
                        return (y.flattened() * weights).sum()
                    }
                    return Tensor.concatenate(gradients.map { $0.flattened() })
                }
            } catch {
                Issue.record("\(entry.name), shape \(round), second derivative: \(error)")
                return
            }
        }
    }
}

/// Operations whose results are integers, truth values, counts, or do not depend on floating-point inputs.
let withoutDerivative: Set<String> = [
    "Tensor.greatestCommonDivisor", "Tensor.leastCommonMultiple", ".==", ".!=", ".<", ".<=", ".>", ".>=",
    "Tensor.isClose", "Tensor.allClose", "&", "|", "^", "!", "~", "<<", ">>", "signBit", "isNaN", "isFinite",
    "isInfinite", "isPositiveInfinity", "isNegativeInfinity", "any", "all", "countNonzero", "histogram",
    "argmaxIgnoringNaN", "argminIgnoringNaN", "argmax", "argmin", "argsort", "isInTop", "insertionPoints", "digitized",
    "isIn", "nonzero", "oneHot", "multiHot", "unraveled", "Tensor.zeros", "Tensor.ones", "like(repeating:)",
    "Tensor.init(repeating:)", "Tensor.range", "Tensor.linearSpace", "Tensor.logarithmicSpace",
    "Tensor.geometricSpace", "Tensor.identity", "Tensor.lowerTriangle", "Tensor.randomUniform",
    "Tensor.randomTruncatedNormal", "Tensor.randomLogNormal", "Tensor.randomExponential", "Tensor.randomLaplace",
    "Tensor.randomGumbel", "Tensor.randomLogistic", "Tensor.randomCauchy", "Tensor.randomIntegers",
    "Tensor.randomBernoulli", "Tensor.randomCategorical", "Tensor.randomMultinomial", "Tensor.randomPoisson",
    "Tensor.randomBinomial", "Tensor.randomPermutation", "Tensor.quotientAndRemainder", "stopGradient", "matrixRank",
    "anchorBoxes", "boxesOfMasks", "largeBoxes", "nonMaximumSuppression", "softNonMaximumSuppression",
    "posterized",
    "equalized", "adaptivelyEqualized", "Tensor.gaborKernel", "localBinaryPattern", "otsuThreshold",
    "Tensor.fftFrequencies", "Tensor.hannWindow", "Tensor.hammingWindow", "Tensor.blackmanWindow",
    "Tensor.bartlettWindow", "Tensor.kaiserWindow",
]

/// Operations whose derivatives another suite checks, by name.
let checkedElsewhere: [String: String] = [
    "warped": "PreprocessingTests", "displaced": "PreprocessingTests", "elasticallyDeformed": "PreprocessingTests",
    "ComplexTensor.init": "FourierTests", "ComplexTensor.init(magnitude:angle:)": "FourierTests",
    "ComplexTensor.real": "FourierTests", "ComplexTensor.imaginary": "FourierTests",
    "ComplexTensor.magnitude": "FourierTests", "ComplexTensor.angle": "FourierTests",
    "ComplexTensor.conjugate": "FourierTests", "ComplexTensor.fft": "FourierTests",
    "ComplexTensor.ifft": "FourierTests", "rfft": "FourierTests", "ComplexTensor.irfft": "FourierTests",
    "dct": "FourierTests", "idct": "FourierTests", "fftShifted": "FourierTests", "stft": "AudioTests",
    "ComplexTensor.istft": "AudioTests", "spectrogram": "AudioTests", "melSpectrogram": "AudioTests",
    "decibels": "AudioTests", "mfcc": "AudioTests",
    "Tensor.randomGamma": "Distributions", "Tensor.randomBeta": "Distributions",
    "Tensor.randomDirichlet": "Distributions", "Tensor.randomChiSquared": "Distributions",
    "Tensor.randomStudentT": "Distributions", "lu": "FactorizationTests", "eigen": "FactorizationTests",
    "spectralRadius": "MatrixFunctionTests", "powerIteration": "MatrixFunctionTests",
    "resized": "ResizingTests", "upsampled": "ResizingTests", "centerCropped": "ResizingTests",
    "depthToSpace": "Golden", "spaceToDepth": "Golden", "channelShuffled": "Golden", "sampled": "SamplingTests",
    "affineGrid": "SamplingTests", "rotated": "SamplingTests", "affinelyWarped": "SamplingTests",
    "perspectivelyWarped": "SamplingTests", "grayscale": "ColorTests", "rgbToHSV": "ColorTests",
    "hsvToRGB": "ColorTests", "adjustedBrightness": "ColorTests", "adjustedContrast": "ColorTests",
    "adjustedSaturation": "ColorTests", "adjustedHue": "ColorTests", "adjustedGamma": "ColorTests",
    "adjustedSharpness": "ColorTests", "colorsInverted": "ColorTests", "solarized": "ColorTests",
    "autocontrasted": "ColorTests", "standardized": "ColorTests", "standardizedPerImage": "ColorTests",
    "gaussianBlurred": "FilterTests", "sobel": "FilterTests", "sobelEdges": "FilterTests",
    "orientedGradientHistograms": "FilterTests", "flippedHorizontally": "Golden", "flippedVertically": "Golden",
    "cropped": "Golden", "centerPadded": "Golden", "erased": "Golden", "mixedUp": "FilterTests",
]
