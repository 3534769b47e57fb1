import Apus
import ApusCore
import TestSupport

/// The classical family: models that learn from `x` and answer `query`.
func classicalTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["logistic_regression"] = {
        let model = try LogisticRegression.fit(try $0("x"), try $0("target"), c: try $0.number("c"))
        return [model.weights, model.bias, model.probabilities(try $0("query"))]
    }
    table["linear_regression"] = {
        let model = try LinearRegression.fit(try $0("x"), try $0("target"))
        return [model.weights, Tensor(model.bias, dtype: .float64), model.predict(try $0("query"))]
    }
    table["ridge_regression"] = {
        let model = try LinearRegression.ridge(try $0("x"), try $0("target"), strength: try $0.number("alpha"))
        return [model.weights, Tensor(model.bias, dtype: .float64), model.predict(try $0("query"))]
    }
    table["lasso_regression"] = {
        let model = try LinearRegression.lasso(try $0("x"), try $0("target"), strength: try $0.number("alpha"))
        return [model.weights, Tensor(model.bias, dtype: .float64)]
    }
    table["pca"] = {
        let pca = try PCA.fit(
            try $0("x"), components: try $0.integer("components"), whitens: try $0.flag("whiten"))
        return [pca.components, pca.variance, pca.varianceRatio, pca.mean, pca.transform(try $0("query"))]
    }
    table["knn"] = {
        let model = try NearestNeighbors.fit(
            try $0("x"), try $0("target"), k: try $0.integer("k"),
            weights: try $0.text("weights") == "uniform" ? .uniform : .distance)
        return [model.predict(try $0("query")).cast(to: .int32), model.probabilities(try $0("query"))]
    }
    table["linear_svm"] = {
        let model = try SupportVectorMachine.fit(try $0("x"), try $0("target"), c: try $0.number("c"))
        guard let weights = model.weights else { throw GoldenProblem("no weights") }
        let shape = $0.expected["b"]?.shape ?? []
        return [weights.squeezed(0), model.bias.reshaped(to: shape), model.decision(try $0("query"))]
    }
    table["rbf_svm"] = {
        let model = try SupportVectorMachine.fit(
            try $0("x"), try $0("target"), kernel: .radial(gamma: try $0.number("gamma")), c: try $0.number("c"))
        return [model.decision(try $0("query"))]
    }
    table["kmeans"] = {
        let model = try KMeans.fit(try $0("x"), from: try $0("initial"))
        return [Tensor(model.inertia, dtype: .float64), model.centers, model.predict(try $0("x")).cast(to: .int32)]
    }
    table["gaussian_naive_bayes"] = {
        let model = try GaussianNaiveBayes.fit(
            try $0("x"), try $0("target"), smoothing: try $0.number("variance_smoothing"))
        return [model.predict(try $0("query")).cast(to: .int32), model.jointLogarithm(try $0("query"))]
    }
    table["linear_discriminant_analysis"] = {
        let model = try LinearDiscriminantAnalysis.fit(try $0("x"), try $0("target"))
        return [model.predict(try $0("query")).cast(to: .int32), model.probabilities(try $0("query"))]
    }
    table["standard_scaler"] = { [try FeatureScaler.standard(try $0("x")).transform(try $0("query"))] }
    table["min_max_scaler"] = { [try FeatureScaler.minMax(try $0("x")).transform(try $0("query"))] }
    table["robust_scaler"] = { [try FeatureScaler.robust(try $0("x")).transform(try $0("query"))] }
    table["dbscan"] = {
        [
            try DBSCAN(epsilon: try $0.number("epsilon"), minimum: try $0.integer("minimum")).labels(try $0("x"))
                .cast(to: .int32)
        ]
    }
    table["decision_tree"] = {
        let criterion = DecisionTree.Criterion(rawValue: try $0.text("criterion"))
        let tree = try DecisionTree.fit(
            try $0("x"), try $0("target"), criterion: criterion ?? .gini, depth: try $0.integer("max_depth"))
        return [tree.predict(try $0("query")).cast(to: .int32)]
    }
    return table
}
