import ApusCore

/// A graph whose nodes have features and, some of them, classes to be predicted.
///
///     let cora = try Graph(planetoid: "cora", name: "cora")
///     cora.edges.count            // 5278
///     let adjacency = try cora.normalizedAdjacency()
public struct Graph: Sendable {
    /// The name for listings.
    public let name: String
    /// The number of nodes.
    public let nodeCount: Int
    /// The length of a node's features.
    public let featureCount: Int
    /// The features that are 1, node by node; all others are 0.
    public let features: [[Int]]
    /// The class of each node.
    public let labels: [Int]
    /// Pairs of nodes, the smaller number first, each once.
    public let edges: [(Int, Int)]
    /// The nodes to learn from, to choose by, and to test with.
    public let train: [Int], validation: [Int], test: [Int]

    /// The number of classes.
    public var classCount: Int { (labels.max() ?? -1) + 1 }

    /// A graph in the plain form of Planetoid data: `edges.tsv` (two nodes a line), `features.txt` (a line a node with the
    /// numbers of the features that are 1), `labels.txt` and `split.txt` (a line a part: its name `train`,
    /// `val` or `test`, and its nodes).
    ///
    /// - Parameter path: the folder, or the one above its `derived-text`
    public init(planetoid path: String, name: String = "graph") throws(ApusError) {
        let derived = "\(path)/derived-text"
        let folder = Folder.exists(derived) ? derived : path
        try self.init(planetoidIn: folder, name: name) { (file) throws(ApusError) in
            try TextFile.lines("\(folder)/\(file)")
        }
    }

    /// - Parameters:
    ///   - folder: for messages
    ///   - lines: of the four texts, by their names
    package init(
        planetoidIn folder: String, name: String, lines: (_ file: String) throws(ApusError) -> [String]
    ) throws(ApusError) {
        func damaged(_ file: String, _ problem: String) -> ApusError {
            ApusError(
                .format, in: "text file \(folder)/\(file)", problem, remedy: "mend the file or copy it again")
        }
        func numbers(_ file: String, below limit: Int, _ line: Int, _ fields: [Substring]) throws(ApusError) -> [Int] {
            var row: [Int] = []
            for field in fields {
                guard let number = Int(field), (0..<limit).contains(number) else {
                    throw damaged(
                        file,
                        "\(String(field).quoted) is no number of 0 to \(limit - 1) as there should be (line \(line))")
                }
                row.append(number)
            }
            return row
        }
        func rows(_ file: String, below limit: Int) throws(ApusError) -> [[Int]] {
            var result: [[Int]] = []
            for (index, line) in try lines(file).enumerated() {
                let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "," })
                result.append(try numbers(file, below: limit, index + 1, fields))
            }
            return result
        }
        let features = try rows("features.txt", below: 1 << 24)
        let labels = try rows("labels.txt", below: 1 << 20).compactMap(\.first)
        guard labels.count == features.count, !labels.isEmpty else {
            throw damaged(
                "labels.txt", "\(labels.count) classes for \(features.count) nodes with features (line \(labels.count))"
            )
        }
        var pairs: [(Int, Int)] = []
        for (index, row) in try rows("edges.tsv", below: features.count).enumerated() where !row.isEmpty {
            guard row.count == 2 else { throw damaged("edges.tsv", "an edge joins \(row) (line \(index + 1))") }
            pairs.append((row[0], row[1]))
        }
        var parts: [String: [Int]] = [:]
        for (index, line) in try lines("split.txt").enumerated() {
            let fields = line.split(separator: " ")
            guard let part = fields.first else { continue }
            parts[String(part)] = try numbers(
                "split.txt", below: features.count, index + 1, Array(fields.dropFirst()))
        }
        try self.init(
            name: name, features: features, labels: labels, edges: pairs, train: parts["train"] ?? [],
            validation: parts["val"] ?? [], test: parts["test"] ?? [])
    }

    /// - Parameters:
    ///   - features: of each node, those that are 1
    ///   - edges: pairs of nodes in any order; those of a node with itself, and repeated ones, are dropped
    public init(
        name: String, features: [[Int]], labels: [Int], edges: [(Int, Int)], train: [Int], validation: [Int],
        test: [Int]
    ) throws(ApusError) {
        let place = "graph \(name)"
        let count = features.count
        guard count > 0, labels.count == count else {
            throw ApusError(
                .data, in: place, "\(count) nodes with features, \(labels.count) with labels",
                remedy: "give each node both")
        }
        let nodes = edges.flatMap { [$0.0, $0.1] } + train + validation + test
        guard nodes.allSatisfy({ (0..<count).contains($0) }), labels.allSatisfy({ (0..<1 << 20).contains($0) }),
            features.allSatisfy({ $0.allSatisfy { (0..<1 << 24).contains($0) } })
        else {
            throw ApusError(
                .data, in: place, "an edge or a part names a node that is not in 0..<\(count), or a number is negative",
                remedy: "number nodes, features and classes from 0")
        }
        var seen: Set<Int> = []
        var unique: [(Int, Int)] = []
        for edge in edges where edge.0 != edge.1 {
            let (low, high) = (min(edge.0, edge.1), max(edge.0, edge.1))
            if seen.insert(low * count + high).inserted { unique.append((low, high)) }
        }
        (self.name, nodeCount, self.features, self.labels) = (name, count, features, labels)
        featureCount = (features.lazy.flatMap { $0 }.max() ?? -1) + 1
        self.edges = unique.sorted { $0 < $1 }
        (self.train, self.validation, self.test) = (train, validation, test)
    }

    /// The features as numbers: `[nodes, features]`, each row divided by its sum if `normalized`.
    public func featureTensor(normalized: Bool = true) throws(ApusError) -> Tensor {
        try featureTensor(of: Array(0..<nodeCount), normalized: normalized)
    }

    /// The features of some nodes.
    func featureTensor(of nodes: [Int], normalized: Bool) throws(ApusError) -> Tensor {
        try Memory.check(Shape([nodes.count, featureCount]), .float32, in: "graph \(name)")
        var values = [Float](repeating: 0, count: nodes.count * featureCount)
        for (row, node) in nodes.enumerated() {
            let ones = features[node]
            for feature in ones { values[row * featureCount + feature] = normalized ? 1 / Float(ones.count) : 1 }
        }
        return Tensor(values, shape: [nodes.count, featureCount])
    }

    /// `D^(-1/2) (A + I) D^(-1/2)` with the degrees `D` of `A + I`, as graph convolutions take it (Kipf, Welling 2017):
    /// `[nodes, nodes]`.
    public func normalizedAdjacency() throws(ApusError) -> Tensor {
        try Self.normalizedAdjacency(nodeCount, edges, in: "graph \(name)")
    }

    static func normalizedAdjacency(
        _ count: Int, _ edges: [(Int, Int)], in place: String
    ) throws(ApusError) -> Tensor {
        try Memory.check(Shape([count, count]), .float32, in: place)
        var degrees = [Double](repeating: 1, count: count)
        for (one, other) in edges {
            degrees[one] += 1
            degrees[other] += 1
        }
        var values = [Float](repeating: 0, count: count * count)
        for node in 0..<count { values[node * count + node] = Float(1 / degrees[node]) }
        for (one, other) in edges {
            let value = Float(1 / (degrees[one] * degrees[other]).squareRoot())
            values[one * count + other] = value
            values[other * count + one] = value
        }
        return Tensor(values, shape: [count, count])
    }

    /// The classes of all nodes, and which of them belong to a part: 1 or 0.
    public func targets(of part: [Int]) -> (labels: Tensor, mask: Tensor) {
        var mask = [Float](repeating: 0, count: nodeCount)
        for node in part where mask.indices.contains(node) { mask[node] = 1 }
        return (Tensor(labels.map { Int32($0) }, shape: [nodeCount]), Tensor(mask, shape: [nodeCount]))
    }
}
