import ApusCore

/// The largest value of each window: `[batch, height, width, channels] -> [batch, height', width', channels]`.
public final class MaxPool2D: Module {
    public let window: Int
    public let stride: Int
    public let padding: Padding

    /// - Parameters:
    ///   - window: height and width of the window, in pixels
    ///   - stride: the distance between windows; by default they touch
    public init(_ window: Int = 2, stride: Int? = nil, padding: Padding = .valid) {
        self.window = window
        self.stride = stride ?? window
        self.padding = padding
    }

    public var details: String { "\(window)x\(window)" + (stride == window ? "" : ", stride \(stride)") }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        maxPool(x, window: [window, window], strides: [stride, stride], padding: padding)
    }
}

/// The mean of each window: `[batch, height, width, channels] -> [batch, height', width', channels]`. Padding does not
/// count.
public final class AveragePool2D: Module {
    public let window: Int
    public let stride: Int
    public let padding: Padding

    /// - Parameters:
    ///   - window: height and width of the window, in pixels
    ///   - stride: the distance between windows; by default they touch
    public init(_ window: Int = 2, stride: Int? = nil, padding: Padding = .valid) {
        self.window = window
        self.stride = stride ?? window
        self.padding = padding
    }

    public var details: String { "\(window)x\(window)" + (stride == window ? "" : ", stride \(stride)") }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        averagePool(x, window: [window, window], strides: [stride, stride], padding: padding)
    }
}

/// The mean over all pixels: `[batch, height, width, channels] -> [batch, channels]`, for images of any size.
public final class GlobalAveragePool2D: Module {
    public init() {}

    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard x.error == nil else { return x }
        guard x.rank == 4 else {
            return Tensor(
                error: ApusError(
                    .shape, in: "layer GlobalAveragePool2D", "an input of shape \(x.shape)",
                    remedy: "feed [batch, height, width, channels]"))
        }
        return x.mean(axes: [1, 2])
    }
}

extension Catalog {
    static let poolingLayers: [CatalogEntry] = [
        CatalogEntry(
            "MaxPool2D", "The largest value of each window", keras: ["MaxPooling2D", "MaxPool2D"], torch: ["MaxPool2d"],
            mlx: ["MaxPool2d"]),
        CatalogEntry(
            "AveragePool2D", "The mean of each window", keras: ["AveragePooling2D", "AvgPool2D"], torch: ["AvgPool2d"],
            mlx: ["AvgPool2d"]),
        CatalogEntry(
            "GlobalAveragePool2D", "The mean over all pixels", keras: ["GlobalAveragePooling2D", "GlobalAvgPool2D"]),
    ]
}
