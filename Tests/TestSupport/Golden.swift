import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One family of conformance vectors: cases computed by other frameworks, in Tests/Golden or in the folder that the
/// environment variable APUS_GOLDEN names (format: Tests/Golden/README.md).
package struct GoldenFamily {
    package let name: String
    package let cases: [JSON]
    private let file: SafetensorsFile

    package init(_ name: String) throws {
        self.name = name
        let folder = Self.folder
        let bytes = try ByteSource(path: "\(folder)/\(name).json", kind: "golden cases")
        let json = try JSON(parsing: bytes.bytes(at: 0, count: bytes.count), place: "\(name).json")
        cases = json["cases"]?.elements ?? []
        file = try SafetensorsFile(path: "\(folder)/\(name).safetensors")
    }

    private static var folder: String {
        if let folder = getenv("APUS_GOLDEN") { return String(cString: folder) }
        return "\(#filePath)".split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/Golden"
    }

    package func tensor(_ name: String) throws -> Tensor {
        let array = try file.array(name)
        let dtype: DType
        switch array.elementType {
        case .float32: dtype = .float32
        case .float64: dtype = .float64
        case .int32: dtype = .int32
        case .int64: dtype = .int64
        case .uint8: dtype = .uint8
        case .bool: dtype = .bool
        default: throw GoldenProblem("\(name) has elements of type \(array.elementType)")
        }
        let storage = array.bytes.withUnsafeBufferPointer { Storage(copying: $0) }
        return Tensor(storage: storage, shape: Shape(array.shape), dtype: dtype)
    }
}

/// Why a case fails.
package struct GoldenProblem: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// Thrown by an operation of a table for a variant that does not exist: the case counts as missing.
package struct GoldenMissing: Error {
    package init(_ variant: String) {}
}

/// What an operation of a table is given: inputs by role and attributes by name.
package struct GoldenArguments {
    /// The roles in the order of the case.
    package let roles: [String]
    package let tensors: [String: Tensor]
    package let attributes: JSON
    /// What should come out, by role: for cases that store an input and an output under one name.
    package let expected: [String: Tensor]
    /// The type in which the case runs.
    package let dtype: DType

    package func callAsFunction(_ role: String) throws -> Tensor {
        guard let tensor = tensors[role] else { throw GoldenProblem("no input \(role) among \(roles)") }
        return tensor
    }

    /// The inputs in order.
    package var inputs: [Tensor] { roles.compactMap { tensors[$0] } }

    package func optional(_ role: String) -> Tensor? { tensors[role] }

    private func attribute(_ name: String) throws -> JSON {
        guard let value = attributes[name] else { throw GoldenProblem("no attribute \(name)") }
        return value
    }

    /// Whether the attribute is given and not null.
    package func has(_ name: String) -> Bool { attributes[name].map { $0 != .null } ?? false }

    package func integer(_ name: String) throws -> Int {
        guard let value = try attribute(name).integer else { throw GoldenProblem("attribute \(name) is no integer") }
        return value
    }

    package func integers(_ name: String) throws -> [Int] {
        try attribute(name).elements?.map {
            guard let value = $0.integer else { throw GoldenProblem("attribute \(name) holds \($0)") }
            return value
        } ?? [integer(name)]
    }

    /// Integers, `nil` where null stands.
    package func optionalIntegers(_ name: String) throws -> [Int?] {
        (try attribute(name).elements ?? []).map(\.integer)
    }

    package func number(_ name: String) throws -> Double {
        let value = try attribute(name)
        switch value.string {
        case "inf": return .infinity
        case "-inf": return -.infinity
        case "nan": return .nan
        default: break
        }
        guard let number = value.double else { throw GoldenProblem("attribute \(name) is no number") }
        return number
    }

    package func numbers(_ name: String) throws -> [Double] {
        (try attribute(name).elements ?? []).compactMap(\.double)
    }

    package func flag(_ name: String) throws -> Bool {
        guard let value = try attribute(name).bool else { throw GoldenProblem("attribute \(name) is no truth value") }
        return value
    }

    package func text(_ name: String) throws -> String {
        guard let value = try attribute(name).string else { throw GoldenProblem("attribute \(name) is no text") }
        return value
    }

    /// Pairs, such as padding widths.
    package func pairs(_ name: String) throws -> [(before: Int, after: Int)] {
        try (attribute(name).elements ?? []).map {
            guard let before = $0[0]?.integer, let after = $0[1]?.integer else {
                throw GoldenProblem("attribute \(name) holds \($0)")
            }
            return (before, after)
        }
    }

    /// `nil` for null: all axes.
    package func axes(_ name: String = "axes") throws -> [Int]? { has(name) ? try integers(name) : nil }
}

/// Computes the outputs of an operation, in the order of the case (more than the case has are ignored).
package typealias GoldenOperation = (GoldenArguments) throws -> [Tensor]
package typealias GoldenTable = [String: GoldenOperation]

package func unary(_ function: @escaping (Tensor) -> Tensor) -> GoldenOperation { { [function($0.inputs[0])] } }
package func binary(_ function: @escaping (Tensor, Tensor) -> Tensor) -> GoldenOperation {
    { [function($0.inputs[0], $0.inputs[1])] }
}
