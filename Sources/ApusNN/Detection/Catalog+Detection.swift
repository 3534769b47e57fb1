import ApusCore

extension Catalog {
    static let detectionFunctions: [CatalogEntry] = [
        CatalogEntry(
            "GridHead", "How the output of a single-pass detector is read: boxes and scores of a grid's cells"),
        CatalogEntry("meanField", "The marginals of a fully connected conditional random field"),
        CatalogEntry("pixelAffinities", "How alike pixels are, by Gaussian functions of their differences"),
    ]
}
