import Foundation
import TestSupport
import Testing

/// Each of the worked exercises with known answers (`Tests/Exercises/exercises.json`) has a test, or a reason why not
/// yet.
@Suite struct ExerciseCoverageTests {
    /// The test that computes an exercise's numbers through the public interface.
    static let tests: [String: String] = [
        "conv2d-004q8": "convolutionIsCrossCorrelationUnlessFlipped",
        "conv2d-patch-003q43": "onePositionOfAConvolution",
        "convtranspose2d-003q43": "transposedConvolutionScattersAndCropsAndIsNoInverse",
        "convtranspose-not-inverse-004q9": "transposedConvolutionScattersAndCropsAndIsNoInverse",
        "maxpool-003q24": "poolingOfOneMatrixInAllItsForms",
        "pool-variants-003q24": "poolingOfOneMatrixInAllItsForms",
        "overlapping-pool-000t43": "overlappingWindowsRepeatPeaks",
        "upsample-nearest-003q44": "nearestUpSamplingRepeatsPixels",
        "upsample-bilinear-003q44": "bilinearUpsamplingInBothConventions",
        "pixelshuffle-003q44": "pixelShuffleSpreadsChannels",
        "kernel-effect-001p9d": "aKernelOfNegativeNumbersBlursAndInverts",
        "sobel-003q8": "edgesAreWhereColoursChange",
        "dilated-conv-004q10": "dilationWidensWithoutEnlarging",
        "conv-outdim-001p7b": "aNetworkWithLargeFirstKernels",
        "pool-outdim-001p7": "aNetworkWithLargeFirstKernels",
        "conv-params-001p7c": "aNetworkWithLargeFirstKernels",
        "conv-gap-shape-000t38": "globalPoolingTakesAnyResolution",
        "mlp-params-003q19": "manyInputsMakeManyWeights",
        "lstm-params-004q12": "everyStepHasTheSameDenseLayer",
        "linear-stack-000t46": "stacksWithoutActivationsAreOneLayer",
        "l2-conv-params-000t49": "penaltiesOfLayersArePartOfTheLoss",
        "bn-reuse-params-000t55": "aNormThatIsUsedTwiceCountsOnce",
        "mushroom-encoding-004q2": "columnsOfATableBecomeInputs",
        "batchnorm-001p5b": "batchNormDividesByTheBiasedDeviation",
        "batchnorm-affine-001p5c": "scaleAndShiftMoveAndUndo",
        "batchnorm-undo-001p5a": "scaleAndShiftMoveAndUndo",
        "spatial-batchnorm-001p5d": "mapsHaveOneStatisticEach",
        "softmax-003q7": "softmaxOfVotes",
        "crossentropy-003q12": "entropiesOfMassFunctions",
        "softmax-ce-gradient": "crossEntropyGradientIsSoftmaxMinusOneHot",
        "bce-001p4a": "binaryCrossEntropyOfFourAnswers",
        "knn-vote-003q6": "neighboursVote",
        "xavier-001p9a": "deviationsOfTheExercise",
        "xor-001p9c": "threeStepsMakeXor",
        "skip-gradient-001p6": "skipConnectionsAddOneToTheSlope",
        "skip-gradient-depth-001p6": "skipConnectionsCarryGradients",
        "graph-matrikel-003q29": "valuesAndGradientsOfAGraph",
        "graph-colah-003q27": "pathsAndEdgesOfAGraph",
        "numerical-gradient-003q27": "differencesAndTheirCost",
        "backprop-004q3": "oneStepOfBackpropagation",
        "backprop-old-weights-000t54": "gradientChecksNameTheLayer",
        "rnn-spectral-001p10a": "powersOfAnOrthogonalMatrix",
        "imbalance-001p8e": "balancedWeightsMakeTheIdleAnswerAsBadAsChance",
        "val-shuffle-001p1a": "samplesCountAlikeWhateverTheirBatch",
        "signed-error-000t8b": "signedErrorsCancel",
        "mse-outlier-000t8c": "outliersTakeLessOfTolerantLosses",
        "mse-vs-se-000t9": "sumsGrowWithTheBatch",
        "no-bias-000t7": "withoutBiasesZeroStaysZero",
        "tanh-saturation-001p8c": "slopesOfSaturatedUnits",
        "optimizer-trajectories": "trajectoriesInTheBowl",
        "momentum-forms-001p4d": "bothFormsOfMomentum",
        "momentum-max-step-003q14": "momentumMultipliesAConstantGradient",
        "gd-stepsize-003q13": "stepSizeIsRateTimesNorm",
        "adagrad-starvation-000t22": "adagradStarves",
        "newton-bfgs-001p4": "quadraticsTakeAsManyStepsAsTheyShould",
        "saddle-001p4c": "saddlesHoldWhatIsExactlyOnTheRidge",
        "gd-oscillation-003q14": "valleysContractByTheirCurvature",
        "sign-error-000t6": "maximizingGoesUp",
        "lr-decay-003q38": "decaysOfARun",
        "batch-noise-000t25": "gradientsOfLargerBatchesAreLessNoisy",
        "weight-decay-003q33": "gradientsOfTheExercise",
        "dropout-003q33": "dropoutKeepsTheMean",
        "bottleneck-cost-000t42": "bottlenecksSaveWeights",
        "skip-combine-003q36": "skipConnectionsAddOrGrow",
        "shape-trace-004q18": "shapesOfAnAutoencoder",
        "compact-notation-003q26": "aNetworkInTheCompactNotation",
        "iou-nms-003q40": "overlappingBoxesOfAClassAreLeftOut",
        "yolo-decode-003q41": "aCellIsDecoded",
        "lstm-cell-001p10c": "stepOfALSTM",
        "bahdanau-004q16": "bahdanauByHand",
        "l0-hard-concrete-004q20": "gatesOfL0Regularisation",
        "squeeze-excitation-002q4a": "gatesWeighChannels",
        "crf-meanfield-003q53": "alikePixelsPersuadeAnOutlier",
        "conv-2d-25d-3d-003q52": "slicesAndVolumes",
        "linear-classifier-003q11": "rowsOfALinearClassifierAreIndependent",
        "input-scale-000t52": "rawPixelsMakeGradientsAsMuchLarger",
        "zero-init-000t53": "zeroWeightsDoNotLearn",
        "standardise-003q34": "standardisationUsesTheTrainingData",
        "dae-target-002q7a": "denoisersAreComparedWithWhatIsClean",
        "layer-facts-001p1": "modesAndParametersOfLayers",
        "fc-to-conv-001p7f": "aDenseLayerIsAConvolutionOfTheWholeMap",
        "maxunpool-001p7e": "poolingOfOneMatrixInAllItsForms",
        "grad-clip-003q35": "clippedGradientsOfHandWrittenLoops",
        "fgsm-000t2": "aStepAgainstAModelMovesItsScoreByTheNormOfTheWeights",
        "early-stopping-003q32": "trainingEndsByItsRule",
        "sharpness-000t50": "valleysContractByTheirCurvature",
        "pca-003q8": "principalComponentsOfThreePointsOnALine",
        "split-mixture-001p3": "bridgesAreOfTheMixtureAndTestsOfTheTarget",
        "split-sizes-001p2a": "sizesAndSharesAreThoseAskedFor",
        "kfold-001p8d": "foldsHoldEachSampleOutOnce",
        "error-decomposition-001p3": "fourLossesTellWhatIsWrong",
        "reg-mirror-labels-001p2d": "mirroringChangesDirections",
    ]

    /// Exercises of later parts of the library.
    static let later: [String: [String]] = [
        "receptive fields and shapes along a network come with the analysis of models": [
            "receptive-field-001p7d", "receptive-field-003q21", "cnn-fail-000t31", "cnn-fail-000t32",
            "conv-params-003q22", "conv-params-003q23", "densenet-code-004q11",
        ],
        "a finding of the doctor": ["batchdim-000t35"],
        "sequences come with the models": ["rnn-gradient-001p10b", "negative-sampling-004q17"],
        "detection comes with the models": ["yolo-output-003q41"],
        "generative models come with the models": [
            "vae-kl-004q13", "gan-equilibrium-004q15", "wgan-clipping-004q15", "cgan-anomaly-003q50",
        ],
        "distillation comes with training": ["distillation-002q6"],
        "explanations come with the insight": ["cam-003q48", "occlusion-002q8"],
        "reinforcement learning comes with the models": ["qlearning-chain-001p11a", "lunar-lander-mdp-004q19"],
        "graph layers come with the models": ["gcn-permutation-001p11c"],
        "search comes with training": ["grid-vs-random-003q5"],
    ]

    private static let folder = URL(fileURLWithPath: "\(#filePath)").deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    private struct Exercises: Decodable {
        struct Exercise: Decodable { let id: String }
        let oracles: [Exercise]
    }

    @Test func everyExerciseHasATestOrAReason() throws {
        let data = try Data(contentsOf: Self.folder.appendingPathComponent("Exercises/exercises.json"))
        let listed = try JSONDecoder().decode(Exercises.self, from: data).oracles.map(\.id)
        let postponed = Self.later.values.flatMap { $0 }
        #expect(listed.count == 114 && Set(listed).count == 114)
        let known = Set(Self.tests.keys).union(postponed)
        #expect(Set(listed).subtracting(known).sorted() == [], "without a test")
        #expect(known.subtracting(listed).sorted() == [], "not among the exercises")
        #expect(Set(postponed).intersection(Self.tests.keys).sorted() == [], "there is a test")
    }

    @Test func everyTestExists() throws {
        var text = ""
        let files = try #require(FileManager.default.enumerator(atPath: Self.folder.path))
        for case let path as String in files where path.hasSuffix(".swift") && !path.contains(".build/") {
            text += try String(contentsOf: Self.folder.appendingPathComponent(path), encoding: .utf8)
        }
        let names = Set(text.matches(of: #/func (\w+)\(/#).map { String($0.1) })
        #expect(Set(Self.tests.values).subtracting(names).sorted() == [])
    }
}
