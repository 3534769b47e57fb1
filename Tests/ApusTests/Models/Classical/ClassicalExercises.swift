import Apus
import TestSupport
import Testing

/// Worked exercises on classical models, and what their definitions promise.
@Suite struct ClassicalExercises {
    private func close(_ tensor: Tensor, _ expected: [Double], _ tolerance: Double = 1e-9) throws {
        let values: [Double] = try tensor.array()
        #expect(values.count == expected.count)
        for (value, wanted) in zip(values, expected) {
            #expect(abs(value - wanted) <= tolerance * max(1, abs(wanted)), "\(values), expected \(expected)")
        }
    }

    private func column(_ values: [Double]) -> Tensor { Tensor(values, shape: [values.count, 1]) }

    /// Two triangles (0) and a square (1) among the nearest three, two triangles and three squares among five.
    @Test func neighboursVote() throws {
        let x = column([1, 2, 3, 4, 5, 50])
        let labels = Tensor([Int32(0), 0, 1, 1, 1, 2])
        let query = column([0])
        func model(_ k: Int, _ weights: NearestNeighbors.Weights = .uniform) throws -> NearestNeighbors {
            try NearestNeighbors.fit(x, labels, k: k, weights: weights)
        }
        #expect(try model(1).predict(query).item() == 0)
        #expect(try model(3).predict(query).item() == 0)
        #expect(try model(5).predict(query).item() == 1)
        try close(try model(5).probabilities(query), [0.4, 0.6, 0])
        // Of two classes with as many votes the smaller label wins.
        #expect(try model(4).predict(query).item() == 0)
        // Near votes count more: 1 + 1/2 against 1/3 + 1/4 + 1/5.
        #expect(try model(5, .distance).predict(query).item() == 0)
        let (indices, distances) = try model(3).neighbors(column([2.9]))
        #expect(try indices.array(of: Int.self) == [2, 1, 3])
        try close(distances, [0.1, 0.9, 1.1])
        // A copy of a sample is told from its neighbours alone.
        try close(try model(3, .distance).probabilities(column([3])), [0, 1, 0])
    }

    @Test func principalComponentsOfALine() throws {
        let pca = try PCA.fit(Tensor([1.0, 1, 2, 2, 3, 3] as [Double], shape: [3, 2]))
        try close(pca.mean, [2, 2])
        try close(pca.variance, [2, 0])
        try close(pca.varianceRatio, [1, 0])
        try close(pca.components[0], [0.707106781186547, 0.707106781186547])
        let plane = pca.transform(Tensor([1.0, 1, 2, 2, 3, 3] as [Double], shape: [3, 2]))
        try close(plane[.all, 0], [-1.4142135623731, 0, 1.4142135623731])
        try close(pca.inverse(plane), [1, 1, 2, 2, 3, 3])
    }

    /// The best line through the origin of `y = 2 x + 3` misses all points by 3.
    @Test func aLineWithoutBiasIsNotEnough() throws {
        let (x, y) = (column([-1, 0, 1]), Tensor([1.0, 3, 5] as [Double], shape: [3]))
        let line = try LinearRegression.fit(x, y, bias: false)
        try close(line.weights, [2])
        #expect(line.bias == 0)
        try close((line.predict(x) - y).square().mean(), [9])
        let whole = try LinearRegression.fit(x, y)
        try close(whole.predict(x), [1, 3, 5])
        #expect(abs(try whole.score(x, y) - 1) < 1e-12)
    }

    /// The widest street between two groups: samples on its edges have decision values of 1 and -1.
    @Test func theMarginIsAsWideAsPossible() throws {
        let x = Tensor([0.0, 0, -1, 1, 2, 2, 3, 4, -3, -1] as [Double], shape: [5, 2])
        let labels = Tensor([Int32(0), 0, 1, 1, 0])
        let model = try SupportVectorMachine.fit(x, labels, c: 1e4, tolerance: 1e-9)
        let weights = try #require(model.weights)
        // (0, 0) and (2, 2) hold the margin, of half width sqrt(2); the plane is x + y = 2.
        try close(weights, [0.5, 0.5], 1e-6)
        try close(model.bias, [-1], 1e-6)
        try close(model.decision(x[0..<3]), [-1, -1, 1], 1e-6)
        #expect(model.supportVectors.shape[0] <= 3)
    }

    @Test func aCurvedKernelTellsRingsApart() throws {
        let turns = (0..<24).map { Double($0) * 0.7 }
        let x = Tensor.stack(
            [
                Tensor(turns, shape: [24]).cos() * Tensor.range(count: 24, from: 1, dtype: .float64),
                Tensor(turns, shape: [24]).sin() * Tensor.range(count: 24, from: 1, dtype: .float64),
            ], axis: 1)
        let labels = Tensor((0..<24).map { Int32($0 < 12 ? 0 : 1) }, shape: [24])
        #expect(try SupportVectorMachine.fit(x, labels, c: 10).score(x, labels) < 1)
        let curved = try SupportVectorMachine.fit(
            x, labels, kernel: .polynomial(degree: 2, gamma: 0.1, offset: 1), c: 1000)
        #expect(try curved.score(x, labels) == 1)
    }

    @Test func logisticRegressionMeetsItsConditions() throws {
        let x = column([-2, -1, 0, 1, 2])
        let labels = Tensor([Int32(0), 0, 1, 0, 1])
        let model = try LogisticRegression.fit(x, labels, c: 2)
        // At the minimum w + c sum (p - y) x = 0 and sum (p - y) = 0.
        let rest = model.probabilities(x)[.all, 1] - labels.cast(to: .float64)
        try close(rest.sum(), [0], 1e-8)
        try close(model.weights.squeezed(0) + (rest * x.squeezed(1)).sum() * 2, [0], 1e-8)
        // Distances are scores in units of the weights' length.
        try close(model.distances(x) * model.weights.norm(), try model.decision(x).array())
    }

    @Test func groupsAreFoundFromAnySeed() throws {
        for seed in 0..<5 as Range<UInt64> {
            let groups = try KMeans.fit(ClassicalTests.points, clusters: 3, seed: seed)
            let same = try KMeans.fit(ClassicalTests.points, clusters: 3, seed: seed)
            #expect(groups == same)
            let score = try Metric.adjustedRandIndex(groups.predict(ClassicalTests.points), ClassicalTests.labels + 4)
                .item()
            #expect(score == 1)
        }
        let distances = try KMeans.fit(ClassicalTests.points, clusters: 3).transform(ClassicalTests.points)
        #expect(distances.shape == [60, 3])
        // As many groups as samples: nothing is left.
        #expect(try KMeans.fit(ClassicalTests.points[0..<5], clusters: 5).inertia < 1e-20)
        #expect(try KMeans.fit(Tensor.ones([4, 2]), clusters: 3).inertia == 0)
    }

    @Test func noiseBelongsToNoGroup() throws {
        let labels = try DBSCAN(epsilon: 1.1, minimum: 3).labels(column([0, 1, 2, 10, 20, 21, 22, 23]))
        #expect(try labels.array(of: Int.self) == [0, 0, 0, -1, 1, 1, 1, 1])
    }

    @Test func treesAskTheBestQuestions() throws {
        let x = Tensor([0.0, 5, 1, 4, 2, 3, 3, 2] as [Double], shape: [4, 2])
        let labels = Tensor([Int32(7), 7, 3, 3])
        let tree = try DecisionTree.fit(x, labels)
        #expect(tree.depth == 1 && tree.leafCount == 2)
        #expect(try tree.predict(Tensor([1.4, 0, 1.6, 0] as [Double], shape: [2, 2])).array(of: Int.self) == [7, 3])
        let stump = try DecisionTree.fit(x, labels, depth: 0)
        try close(stump.probabilities(x[0..<1]), [0.5, 0.5])
        #expect(try DecisionTree.fit(x, labels, leaf: 3).leafCount == 1)
        let steps = try RegressionTree.fit(
            column([0, 1, 2, 3]), Tensor([1.0, 1, 5, 7] as [Double], shape: [4]), depth: 1)
        try close(steps.predict(column([0.5, 1.6, 9])), [1, 6, 6])
        let exact = try RegressionTree.fit(column([0, 1, 2, 3]), Tensor([1.0, 1, 5, 7] as [Double], shape: [4]))
        #expect(exact.leafCount == 3 && exact.depth == 2)
        #expect(try exact.score(column([0, 1, 2, 3]), Tensor([1.0, 1, 5, 7] as [Double], shape: [4])) == 1)
    }

    @Test func lassoSetsWeightsToZero() throws {
        let x = Tensor([1.0, 0, 0, 1, -1, 0, 0, -1] as [Double], shape: [4, 2])
        let y = Tensor([2.0, 0.1, -2, -0.1] as [Double], shape: [4])
        // Orthogonal features: each weight shrinks by strength over its variance (1/2).
        try close(try LinearRegression.lasso(x, y, strength: 0.1).weights, [1.8, 0])
        try close(try LinearRegression.ridge(x, y, strength: 2).weights, [1, 0.05])
    }

    @Test func scalersGoThereAndBack() throws {
        let x = Tensor([1.0, 5, 2, 5, 3, 5, 10, 5] as [Double], shape: [4, 2])
        for scaler in [try FeatureScaler.standard(x), try .minMax(x), try .robust(x)] {
            let y = scaler.transform(x)
            try close(y[.all, 1], [0, 0, 0, 0])
            try close(scaler.inverse(y), try x.array())
        }
        try close(try FeatureScaler.minMax(x).transform(x)[.all, 0], [0, 1.0 / 9, 2.0 / 9, 1])
    }

    /// Whitened components have variance 1.
    @Test func whitening() throws {
        let pca = try PCA.fit(ClassicalTests.points, whitens: true)
        let y = pca.transform(ClassicalTests.points)
        try close(y.variance(axes: [0], correction: 1), [1, 1])
        try close(pca.inverse(y), try ClassicalTests.points.array())
    }
}
