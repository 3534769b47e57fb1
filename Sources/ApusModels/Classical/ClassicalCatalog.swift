import ApusCore

extension Catalog {
    /// Models that are fitted at once instead of trained in steps.
    static let classicalModels: [CatalogEntry] = [
        CatalogEntry("NearestNeighbors", "Classes by the votes of the nearest samples"),
        CatalogEntry("GaussianNaiveBayes", "Classes by independent normal distributions of the features"),
        CatalogEntry("LinearDiscriminantAnalysis", "Classes by normal distributions of one covariance"),
        CatalogEntry("LogisticRegression", "Probabilities of classes by a linear model"),
        CatalogEntry("SupportVectorMachine", "Classes parted by the widest margin, with kernels"),
        CatalogEntry("DecisionTree", "Classes by questions about single features"),
        CatalogEntry("RegressionTree", "Numbers by questions about single features"),
        CatalogEntry("LinearRegression", "Numbers by a linear model, plain, ridge or lasso"),
        CatalogEntry("KMeans", "Groups about centres"),
        CatalogEntry("DBSCAN", "Groups of samples that lie densely"),
        CatalogEntry("PCA", "Few directions that keep most of the variance"),
        CatalogEntry("FeatureScaler", "Features of one scale"),
    ]
}
