import Apus

/// Small problems for tests.
enum Examples {
    /// Two clouds that a line separates.
    static func clouds(_ count: Int, seed: UInt64 = 3) throws -> Dataset {
        let noise = Tensor.randomNormal([count, 2], deviation: 0.4, seed: seed)
        let labels: [Int32] = (0..<count).map { Int32($0 % 2) }
        let centres = Tensor(labels.flatMap { $0 == 0 ? [Float(-1), -1] : [Float(1), 1] }, shape: [count, 2])
        return try Dataset(inputs: noise + centres, targets: Tensor(labels, shape: [count]), name: "clouds")
    }

    static func digits(_ count: Int, seed: UInt64 = 2) throws -> Dataset {
        try Digits.generate(count: count, seed: seed).train.dataset
    }

    /// Every kind of layer that keeps state or draws random numbers.
    static func statefulNetwork() -> Sequential {
        Sequential {
            Conv2D(8, kernel: 3, padding: .same)
            BatchNorm()
            Activation(.relu)
            MaxPool2D(4)
            Flatten()
            Dropout(0.5)
            Dense(10)
        }
    }

    static func perceptron() -> Sequential {
        Sequential {
            Dense(8, activation: .tanh)
            Dense(2)
        }
    }

    /// All numbers of a model, parameter after parameter.
    static func numbers(_ model: any Module) throws -> [Float] {
        try model.parameters.flatMap { try $0.value.array(of: Float.self) }
    }
}
