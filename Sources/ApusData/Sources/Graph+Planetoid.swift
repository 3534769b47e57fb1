import ApusCore

extension Graph {
    /// A graph in the original form of Planetoid data: pickles `ind.cora.x`, `.tx`, `.allx`, `.y`, `.ty`, `.ally` and
    /// `.graph`, and the text `ind.cora.test.index` (Yang, Cohen and Salakhutdinov, ICML 2016).
    ///
    /// The pickles are read as data; nothing in them is run. The labelled nodes to learn from come first, the 500 after them
    /// are to choose by, and the text names those to test with. Nodes that the parts leave out (as in `citeseer`) have no
    /// features and the class 0.
    ///
    /// - Parameters:
    ///   - folder: the folder of the files
    ///   - name: what stands in the middle of their names, such as `cora`
    /// - Throws: an `ApusError` with the file and byte of what is damaged or does not fit together
    public init(planetoidPickles folder: String, name: String) throws(ApusError) {
        func file(_ part: String) -> String { "\(folder)/ind.\(name).\(part)" }
        func pickle(_ part: String) throws(ApusError) -> Pickle {
            let source = try ByteSource(path: file(part), kind: "pickle")
            return try Pickle(try source.bytes(), place: source.place)
        }
        var order: [Int] = []
        for (index, line) in try TextFile.lines(file("test.index")).enumerated() where !line.isEmpty {
            guard let node = Int(line), (0..<1 << 24).contains(node) else {
                throw ApusError(
                    .format, in: "text file \(file("test.index"))", "\(line.quoted) is no node (line \(index + 1))",
                    remedy: "mend the file or copy it again")
            }
            order.append(node)
        }
        try self.init(
            name: name, parts: PlanetoidParts(features: pickle("allx"), classes: pickle("ally")),
            labelled: PlanetoidParts(features: pickle("x"), classes: pickle("y")).labels.count,
            test: PlanetoidParts(features: pickle("tx"), classes: pickle("ty")), order: order,
            neighbors: pickle("graph"))
    }

    /// - Parameter order: the number of each test node
    private init(
        name: String, parts: PlanetoidParts, labelled: Int, test: PlanetoidParts, order: [Int], neighbors: Pickle
    ) throws(ApusError) {
        let known = parts.labels.count
        let count = max(known, (order.max() ?? -1) + 1)
        guard order.count == test.labels.count, Set(order).count == order.count, order.allSatisfy({ $0 >= known }),
            count <= known + 2 * order.count + 1024
        else {
            throw ApusError(
                .data, in: "graph \(name)",
                "\(test.labels.count) nodes to test with have the \(order.count) numbers "
                    + "\(order.min() ?? 0) to \(order.max() ?? 0) after \(known) others",
                remedy: "give each row of tx one number in test.index, after the rows of allx")
        }
        var features = parts.features + [[Int]](repeating: [], count: count - known)
        var labels = parts.labels + [Int](repeating: 0, count: count - known)
        for (row, node) in order.enumerated() {
            (features[node], labels[node]) = (test.features[row], test.labels[row])
        }
        try self.init(
            name: name, features: features, labels: labels, edges: try Self.edges(neighbors),
            train: Array(0..<labelled),
            validation: Array(labelled..<max(labelled, min(labelled + 500, known))), test: order.sorted())
    }

    /// Pairs of nodes of a dictionary from each node to the list of its neighbours.
    package static func edges(_ pickle: Pickle) throws(ApusError) -> [(Int, Int)] {
        guard let items = pickle.items(pickle.root) else {
            throw pickle.unexpected("it holds no dictionary of neighbours")
        }
        var edges: [(Int, Int)] = []
        for item in items {
            guard let node = pickle.integer(item.key), let others = pickle.integers(item.value) else {
                throw pickle.unexpected("entry \(edges.count) is no node with a list of neighbours")
            }
            for other in others { edges.append((node, other)) }
            // Lists that are named twice must not multiply.
            guard edges.count <= pickle.bytes.count else {
                throw pickle.unexpected("it has more neighbours than bytes")
            }
        }
        return edges
    }
}

/// Rows of features with their classes.
struct PlanetoidParts {
    let features: [[Int]]
    let labels: [Int]

    init(features pickle: Pickle, classes: Pickle) throws(ApusError) {
        let rows = try pickle.sparseRows(pickle.root)
        let oneHot = try classes.array(classes.root)
        guard oneHot.shape.count == 2, oneHot.shape[0] == rows.rows, oneHot.shape[1] >= 1 else {
            throw classes.unexpected("\(rows.rows) rows of features have classes of the shape \(oneHot.shape)")
        }
        features = rows.entries.map { row in row.filter { $0.value != 0 }.map(\.column).sorted() }
        let (values, width) = (oneHot.doubles, oneHot.shape[1])
        labels = (0..<rows.rows).map { row in
            (0..<width).max { values[row * width + $0] < values[row * width + $1] } ?? 0
        }
    }
}
