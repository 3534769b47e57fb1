import ApusCore

extension Catalog {
    static let visionLayers: [CatalogEntry] = [
        CatalogEntry(
            "FeaturePyramid", "Maps of falling size, each enriched by the smaller ones",
            torch: ["FeaturePyramidNetwork"]),
        CatalogEntry(
            "NormalizedConv2D", "A convolution, a normalisation and an activation of images",
            torch: ["Conv2dNormActivation"]),
        CatalogEntry(
            "NormalizedConv3D", "A convolution, a normalisation and an activation of volumes",
            torch: ["Conv3dNormActivation"]),
        CatalogEntry("MultilayerPerceptron", "Dense layers with an activation between them", torch: ["MLP"]),
    ]
}
