import ApusCore

// Each list is the sum of those that stand beside the definitions, or stands there as a whole.
extension Catalog {
    /// The layers and what models are defined with, as `apus layers` lists them.
    public static var layers: [CatalogEntry] {
        definition.grouped("model definition") + coreLayers.grouped("core") + activationLayers.grouped("activation")
            + convolutionLayers.grouped("convolution") + poolingLayers.grouped("pooling")
            + normalizationLayers.grouped("normalization") + regularizationLayers.grouped("regularization")
            + attentionLayers.grouped("attention") + recurrentLayers.grouped("recurrent")
            + reshapingLayers.grouped("reshaping")
            + mergingLayers.grouped("merging") + visionLayers.grouped("vision")
            + preprocessingLayers.grouped("preprocessing")
    }

    /// All of them by the name of their kind, as `apus layers` and its like list them.
    public static var kinds: [(name: String, entries: [CatalogEntry])] {
        [
            (
                "operations",
                operations + attentionFunctions.grouped("attention") + detectionFunctions.grouped("detection")
                    + networkFunctions.grouped("normalization") + tensorBasics.grouped("tensors and derivatives")
            ), ("layers", layers),
            ("activations", activations),
            ("losses", losses),
            ("optimizers", optimizers), ("schedules", schedules), ("metrics", metrics),
            ("initializers", initializers), ("regularizers", regularizers), ("constraints", constraints),
        ]
    }
}
