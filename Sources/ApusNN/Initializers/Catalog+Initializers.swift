import ApusCore

extension Catalog {
    /// The initializers, as `apus initializers` lists them.
    public static var initializers: [CatalogEntry] {
        [
            CatalogEntry("Initializer.zeros", "All zeros", keras: ["Zeros"], torch: ["zeros_"]),
            CatalogEntry("Initializer.ones", "All ones", keras: ["Ones"], torch: ["ones_"]),
            CatalogEntry("Initializer.constant", "One number", keras: ["Constant"], torch: ["constant_"]),
            CatalogEntry("Initializer.values", "Given values"),
            CatalogEntry(
                "Initializer.uniform", "Uniform within a range", keras: ["RandomUniform"], torch: ["uniform_"]),
            CatalogEntry("Initializer.normal", "Normal", keras: ["RandomNormal"], torch: ["normal_"]),
            CatalogEntry(
                "Initializer.truncatedNormal", "Normal within some deviations", keras: ["TruncatedNormal"],
                torch: ["trunc_normal_"]),
            CatalogEntry(
                "Initializer.varianceScaling", "Any variance divided by a fan", keras: ["VarianceScaling"]),
            CatalogEntry(
                "Initializer.glorotUniform", "Uniform, variance 2 / (fanIn + fanOut)", keras: ["GlorotUniform"],
                torch: ["xavier_uniform_"]),
            CatalogEntry(
                "Initializer.glorotNormal", "Normal, variance 2 / (fanIn + fanOut)", keras: ["GlorotNormal"],
                torch: ["xavier_normal_"]),
            CatalogEntry(
                "Initializer.heUniform", "Uniform, variance 2 / fanIn", keras: ["HeUniform"],
                torch: ["kaiming_uniform_"]),
            CatalogEntry(
                "Initializer.heNormal", "Normal, variance 2 / fanIn", keras: ["HeNormal"], torch: ["kaiming_normal_"]),
            CatalogEntry("Initializer.lecunUniform", "Uniform, variance 1 / fanIn", keras: ["LecunUniform"]),
            CatalogEntry("Initializer.lecunNormal", "Normal, variance 1 / fanIn", keras: ["LecunNormal"]),
            CatalogEntry(
                "Initializer.orthogonal", "Rows or columns at right angles", keras: ["Orthogonal"],
                torch: ["orthogonal_"]),
            CatalogEntry("Initializer.identity", "The identity matrix", keras: ["Identity"], torch: ["eye_"]),
            CatalogEntry("Initializer.dirac", "Kernels that pass channels through", torch: ["dirac_"]),
            CatalogEntry("Initializer.sparse", "Columns with a part of zeros", torch: ["sparse_"]),
            CatalogEntry("Initializer.fourier", "Kernels of a short-time Fourier transform", keras: ["STFT"]),
            CatalogEntry("ActivationFunction.gain", "The gain that keeps variances", torch: ["calculate_gain"]),
        ]
    }
}
