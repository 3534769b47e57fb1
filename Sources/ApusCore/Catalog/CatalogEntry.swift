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
    public let torch: [String]
    public let mlx: [String]

    public init(
        _ name: String, _ summary: String, keras: [String] = [], torch: [String] = [], mlx: [String] = []
    ) {
        self.name = name
        self.summary = summary
        self.keras = keras
        self.torch = torch
        self.mlx = mlx
    }
}

/// What the library offers, by kind: `Catalog.operations`, and with the floors above `Catalog.layers`, ...
public enum Catalog {
    /// Functions of tensors.
    public static var operations: [CatalogEntry] {
        arithmetic + functions + reductions + order + movement + indexing + products + creation + random + windows
            + linearAlgebra + images
    }
}
