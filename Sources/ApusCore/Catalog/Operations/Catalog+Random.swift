extension Catalog {
    /// Random numbers by seed.
    static let random: [CatalogEntry] = [
        CatalogEntry(
            "Tensor.randomUniform", "Evenly between two numbers", keras: ["random.uniform"], torch: ["rand"],
            mlx: ["random.uniform"]),
        CatalogEntry(
            "Tensor.randomNormal", "From normal distributions", keras: ["random.normal"], torch: ["randn", "normal"],
            mlx: ["random.normal"]),
        CatalogEntry(
            "Tensor.randomMultivariateNormal", "From multivariate normal distributions",
            torch: ["distributions.MultivariateNormal"], mlx: ["random.multivariateNormal"]),
        CatalogEntry(
            "Tensor.randomTruncatedNormal", "Normal within bounds", keras: ["random.truncated_normal"],
            torch: ["nn.init.trunc_normal_"], mlx: ["random.truncatedNormal"]),
        CatalogEntry("Tensor.randomLogNormal", "The exponential of normal numbers", torch: ["distributions.LogNormal"]),
        CatalogEntry("Tensor.randomExponential", "Waiting times", torch: ["distributions.Exponential"]),
        CatalogEntry(
            "Tensor.randomLaplace", "From the Laplace distribution", torch: ["distributions.Laplace"],
            mlx: ["random.laplace"]),
        CatalogEntry(
            "Tensor.randomGumbel", "From the Gumbel distribution", torch: ["distributions.Gumbel"],
            mlx: ["random.gumbel"]),
        CatalogEntry(
            "Tensor.randomLogistic", "From the logistic distribution", torch: ["distributions.LogisticNormal"]),
        CatalogEntry("Tensor.randomCauchy", "From the Cauchy distribution", torch: ["distributions.Cauchy"]),
        CatalogEntry(
            "Tensor.randomGamma", "From gamma distributions, reparameterised", keras: ["random.gamma"],
            torch: ["distributions.Gamma"]),
        CatalogEntry(
            "Tensor.randomBeta", "From beta distributions, reparameterised", keras: ["random.beta"],
            torch: ["distributions.Beta"]),
        CatalogEntry(
            "Tensor.randomDirichlet", "From Dirichlet distributions, reparameterised",
            torch: ["distributions.Dirichlet"]),
        CatalogEntry("Tensor.randomChiSquared", "From chi-squared distributions", torch: ["distributions.Chi2"]),
        CatalogEntry("Tensor.randomStudentT", "From Student's t distributions", torch: ["distributions.StudentT"]),
        CatalogEntry(
            "Tensor.randomIntegers", "Integers of a range", keras: ["random.randint"], torch: ["randint"],
            mlx: ["random.randInt"]),
        CatalogEntry(
            "Tensor.randomBernoulli", "True with given probabilities", torch: ["bernoulli"], mlx: ["random.bernoulli"]),
        CatalogEntry(
            "Tensor.randomCategorical", "Numbers of classes, with or without replacement",
            keras: ["random.categorical"], torch: ["multinomial", "distributions.Categorical"],
            mlx: ["random.categorical"]),
        CatalogEntry("Tensor.randomMultinomial", "How often each class is drawn", torch: ["distributions.Multinomial"]),
        CatalogEntry("Tensor.randomPoisson", "Numbers of independent events", torch: ["poisson"]),
        CatalogEntry("Tensor.randomBinomial", "Numbers of successes", keras: ["random.binomial"], torch: ["binomial"]),
        CatalogEntry(
            "Tensor.randomPermutation", "Numbers in random order", torch: ["randperm"], mlx: ["random.permutation"]),
        CatalogEntry("shuffled", "Slices in random order", keras: ["random.shuffle"], mlx: ["random.permutation"]),
        CatalogEntry("Tensor.gumbelSoftmax", "A relaxed one-hot sample", torch: ["nn.functional.gumbel_softmax"]),
    ]
}
