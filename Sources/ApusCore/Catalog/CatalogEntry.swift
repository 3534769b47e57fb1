/// One item of the library as listings and the table of parity show it.
///
/// Entries stand in lists per subject, in or beside the files of what they describe; `Catalog` joins these lists.
public struct CatalogEntry: Sendable {
    /// The name in Swift.
    public let name: String
    /// What it is, in one line.
    public let summary: String
    /// The names by which Keras 3, PyTorch (with torchvision and torchmetrics) and MLX-Swift know it.
    public let keras: [String]
    /// The names in PyTorch and its companions.
    public let torch: [String]
    /// The names in MLX-Swift.
    public let mlx: [String]
    /// The subject within its kind, such as `pooling` among layers; empty where a kind has none.
    public private(set) var group = ""

    /// Sets all names; those of other libraries are given as they are imported, such as `ops.argmax`.
    public init(
        _ name: String, _ summary: String, keras: [String] = [], torch: [String] = [], mlx: [String] = []
    ) {
        self.name = name
        self.summary = summary
        self.keras = keras
        self.torch = torch
        self.mlx = mlx
    }

    package func inGroup(_ name: String) -> CatalogEntry {
        var entry = self
        if entry.group.isEmpty { entry.group = name }
        return entry
    }
}

extension [CatalogEntry] {
    /// The entries as a group of their kind; those that have one keep it.
    package func grouped(_ name: String) -> [CatalogEntry] { map { $0.inGroup(name) } }
}

/// What the library offers, by kind: `Catalog.operations`, and with the floors above `Catalog.layers`, ...
public enum Catalog {
    /// Functions of tensors.
    public static var operations: [CatalogEntry] {
        arithmetic.grouped("arithmetic") + functions.grouped("functions of elements")
            + reductions.grouped("reductions") + order.grouped("order") + movement.grouped("movement")
            + indexing.grouped("indexing") + products.grouped("products") + creation.grouped("creation")
            + controlFlow.grouped("control flow") + random.grouped("random numbers") + windows.grouped("windows")
            + linearAlgebra.grouped("linear algebra") + images.grouped("images")
            + fourier.grouped("Fourier transforms and complex numbers") + audio.grouped("audio")
            + detection.grouped("detection")
    }
}
