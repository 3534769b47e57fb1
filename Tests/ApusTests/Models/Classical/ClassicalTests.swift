import Apus
import Foundation
import TestSupport
import Testing

@Suite struct ClassicalTests {
    /// Three groups of points in the plane, labelled -4, 0 and 9.
    static let points: Tensor = {
        var random = TestRandom(11)
        let middles = [(0.0, 0.0), (4.0, 1.0), (1.0, 5.0)]
        return Tensor(
            (0..<60).flatMap { number -> [Double] in
                let middle = middles[number % 3]
                return [middle.0 + random.number(-1...1), middle.1 + random.number(-1...1)]
            }, shape: [60, 2])
    }()
    static let labels = Tensor((0..<60).map { Int32([-4, 0, 9][$0 % 3]) }, shape: [60])
    static let fits: [@Sendable (Tensor, Tensor) throws -> any ClassicalClassifier] = [
        { try LogisticRegression.fit($0, $1) }, { try NearestNeighbors.fit($0, $1, k: 3) },
        { try NearestNeighbors.fit($0, $1, k: 4, weights: .distance) }, { try GaussianNaiveBayes.fit($0, $1) },
        { try LinearDiscriminantAnalysis.fit($0, $1) }, { try SupportVectorMachine.fit($0, $1) },
        { try SupportVectorMachine.fit($0, $1, kernel: .radial(gamma: 0.5)) },
        { try SupportVectorMachine.fit($0, $1, kernel: .polynomial(degree: 2, offset: 1)) },
        { try DecisionTree.fit($0, $1) }, { try DecisionTree.fit($0, $1, criterion: .entropy, depth: 2) },
    ]

    @Test(arguments: fits.indices)
    func everyClassifierTellsGroupsApart(_ number: Int) throws {
        let model = try Self.fits[number](Self.points, Self.labels)
        #expect(model.classes == [-4, 0, 9])
        #expect(try model.score(Self.points, Self.labels) == 1)
        let predicted = model.predict(Self.points.cast(to: .float32))
        #expect(predicted.shape == [60] && predicted.dtype == .int64)
        #expect(model.predict(Tensor.zeros([0, 2])).shape == [0])
        if let model = model as? any ProbabilisticClassifier {
            let shares = model.probabilities(Self.points)
            #expect(shares.shape == [60, 3])
            #expect(try (shares.sum(axes: [1]) - 1).absolute().max().item() < 1e-12)
            #expect(model.probabilities(Self.points.cast(to: .float32)).dtype == .float32)
        }
    }

    @Test(arguments: fits.indices)
    func twoClassesAreEnough(_ number: Int) throws {
        let isKept = Self.labels .!= 9.0
        let chosen = isKept.nonzero().flattened()
        let (x, y) = (Self.points.gather(indices: chosen), Self.labels.gather(indices: chosen))
        let model = try Self.fits[number](x, y)
        #expect(model.classes == [-4, 0])
        #expect(try model.score(x, y) == 1)
    }

    @Test(arguments: fits.indices)
    func classifiersRefuseWhatTheyCantUse(_ number: Int) throws {
        let fit = Self.fits[number]
        #expect(throws: ApusError.self) { try fit(Tensor.zeros([3]), Tensor.zeros([3], dtype: .int32)) }
        #expect(throws: ApusError.self) { try fit(Tensor.zeros([0, 2]), Tensor.zeros([0], dtype: .int32)) }
        #expect(throws: ApusError.self) { try fit(Self.points, Tensor.zeros([60])) }
        #expect(throws: ApusError.self) { try fit(Self.points, Self.labels[0..<3]) }
        #expect(throws: ApusError.self) { try fit(Self.points * Double.nan, Self.labels) }
        let model = try fit(Self.points, Self.labels)
        #expect(model.predict(Tensor.zeros([4, 3])).error?.problem.contains("fitted to 2 features") == true)
        #expect(throws: ApusError.self) { try model.score(Self.points, Self.labels[0..<3]) }
    }

    @Test func savedModelsPredictTheSame() throws {
        func expectSame<Model: ClassicalClassifier & Codable>(_ model: Model) throws {
            let copy = try JSONDecoder().decode(Model.self, from: JSONEncoder().encode(model))
            let (a, b): ([Int], [Int]) = (
                try model.predict(Self.points).array(), try copy.predict(Self.points).array()
            )
            #expect(a == b)
        }
        let (x, y) = (Self.points, Self.labels)
        try expectSame(try LogisticRegression.fit(x, y))
        try expectSame(try NearestNeighbors.fit(x, y))
        try expectSame(try GaussianNaiveBayes.fit(x, y))
        try expectSame(try LinearDiscriminantAnalysis.fit(x, y))
        try expectSame(try SupportVectorMachine.fit(x, y, kernel: .radial(gamma: 0.5)))
        try expectSame(try DecisionTree.fit(x, y))
    }

    /// Every number of a saved model is changed: what is read is refused, or predicts without a trap.
    @Test func damagedModelsEndInErrorsAtMost() throws {
        func damage<Model: ClassicalClassifier & Codable>(_ model: Model) throws {
            let text = String(decoding: try JSONEncoder().encode(model), as: UTF8.self)
            let digits = text.indices.filter { text[$0].isNumber }
            for index in stride(from: 0, to: digits.count, by: max(1, digits.count / 60)) {
                for insertion in ["-", "7", "99"] {
                    var changed = text
                    changed.insert(contentsOf: insertion, at: digits[index])
                    guard let copy = try? JSONDecoder().decode(Model.self, from: Data(changed.utf8)) else { continue }
                    _ = try? copy.predict(Self.points[0..<5]).array(of: Int.self)
                }
            }
        }
        let (x, y) = (Self.points[0..<12], Self.labels[0..<12])
        try damage(try LogisticRegression.fit(x, y))
        try damage(try NearestNeighbors.fit(x, y, k: 2))
        try damage(try GaussianNaiveBayes.fit(x, y))
        try damage(try SupportVectorMachine.fit(x, y))
        try damage(try DecisionTree.fit(x, y))
    }

    @Test func mistakesAreNamed() throws {
        let (x, y) = (Self.points, Self.labels)
        func message(_ body: () throws -> Void) -> String? { refusal { try body() }?.description }
        #expect(
            message { _ = try LogisticRegression.fit(x, y * 0) }
                == "LogisticRegression: 1 class among the labels; give samples of at least 2 classes")
        #expect(
            message { _ = try LogisticRegression.fit(x, y, c: 0) }
                == "LogisticRegression: c is 0.0; use a finite number above 0")
        #expect(
            message { _ = try LogisticRegression.fit(x, y, steps: 0) }
                == "LogisticRegression: no minimum in 0 steps; scale the features, or use a smaller c")
        #expect(
            message { _ = try NearestNeighbors.fit(x, y, k: 61) }
                == "NearestNeighbors: k is 61; use a number in 1...60")
        #expect(
            message { _ = try KMeans.fit(x, clusters: 0) }
                == "KMeans: the number of clusters is 0; use a number in 1...60")
        #expect(
            message { _ = try KMeans.fit(x, from: Tensor.zeros([2, 3])) }
                == "KMeans: centres of shape [2, 3] for samples of shape [60, 2]; give centres of 2 features")
        #expect(
            message { _ = try PCA.fit(x, components: 3) }
                == "PCA: the number of components is 3; use a number in 1...2")
        #expect(
            message { _ = try LinearRegression.ridge(x, y, strength: -1) }
                == "LinearRegression.ridge: the strength is -1.0; use a finite number above 0")
        #expect(
            message { _ = try LinearRegression.lasso(x, y, sweeps: 0) }
                == "LinearRegression.lasso: the weights still change after 0 sweeps; scale the features, or allow "
                + "more sweeps")
        #expect(
            message { _ = try LinearRegression.fit(x, Tensor.zeros([4])) }
                == "LinearRegression.fit: targets of shape [4] for 60 samples; give a number for each sample: [60]")
        #expect(
            message { _ = try DecisionTree.fit(x, y, leaf: 0) }
                == "DecisionTree: the leaf's number of samples is 0; use a number in 1...\(Int.max)")
        #expect(
            message { _ = try SupportVectorMachine.fit(x, y, kernel: .radial(gamma: -1)) }
                == "SupportVectorMachine: gamma is -1.0; use a finite number above 0")
        #expect(
            message { _ = try DBSCAN(epsilon: .nan).labels(x) }
                == "DBSCAN: epsilon is nan; use a finite number above 0")
        #expect(
            message { _ = try FeatureScaler.standard(x).transform(Tensor.zeros([2])).array(of: Double.self) }
                == "FeatureScaler: samples of shape [2], fitted to 2 features; give [n, 2]")
    }
}
