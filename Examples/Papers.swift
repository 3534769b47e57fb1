import Apus

/// Papers that cite each other: small graphs of some papers and of those around them.
///
///     for batch in try papers("cora").elements() { ... }   // features [nodes, 1433], adjacency [nodes, nodes], labels [20]
public func papers(_ folder: String) throws -> Pipeline<GraphBatch> {
    let cora = try Graph(planetoid: folder, name: "cora")

    // Twenty papers a batch, up to ten citations of each, and up to five of each of those.
    return cora.neighborhoods(of: cora.train, batch: 20, neighbors: [10, 5], seed: 7).prefetch()
}
