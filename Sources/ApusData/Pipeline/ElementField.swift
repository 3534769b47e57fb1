import ApusCore

/// How one part of a pipeline's elements looks.
public struct ElementField: Sendable, CustomStringConvertible {
    /// Such as `input`; empty where an element has no parts.
    public let name: String
    /// The extents, with nil for those that differ from element to element; nil for what has none.
    public let extents: [Int?]?
    /// The type, such as `float32` or `String`.
    public let type: String
    /// The smallest and the largest number that was seen.
    public let range: ClosedRange<Double>?

    /// Such as `input [28, 28, 1] float32 0...1`; an extent that differs is `?`.
    public var description: String {
        let shape = extents.map { "[" + $0.map { $0.map(String.init) ?? "?" }.joined(separator: ", ") + "]" }
        let limits = range.map { "\(Self.text($0.lowerBound))...\(Self.text($0.upperBound))" }
        return [name.isEmpty ? nil : name, shape, type, limits].compactMap { $0 }.joined(separator: " ")
    }

    /// Four digits after the point at most, and none that say nothing.
    static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        if value == value.rounded() { return String(Int(value)) }
        let rounded = (value * 1e4).rounded() / 1e4
        return rounded == 0 ? "\(Float(value))" : "\(rounded)"
    }

    /// What elements have in common.
    static func fields(of elements: [any Sendable]) throws(ApusError) -> [ElementField] {
        var fields: [ElementField] = []
        for (index, element) in elements.enumerated() {
            var parts: [ElementField] = []
            try collect(element, name: "", into: &parts, depth: 0)
            guard index > 0, parts.count == fields.count else {
                if index == 0 { fields = parts }
                continue
            }
            fields = Swift.zip(fields, parts).map { $0.joined(with: $1) }
        }
        return fields
    }

    private func joined(with other: ElementField) -> ElementField {
        var common: [Int?]? = extents
        if let extents, let others = other.extents {
            common = extents.count == others.count ? Swift.zip(extents, others).map { $0 == $1 ? $0 : nil } : nil
        }
        let limits = [range, other.range].compactMap { $0 }
        let joined = limits.map(\.lowerBound).min().flatMap { low in limits.map(\.upperBound).max().map { low...$0 } }
        return ElementField(
            name: name, extents: common, type: type == other.type ? type : "\(type) or \(other.type)", range: joined)
    }

    private static func collect(
        _ value: Any, name: String, into fields: inout [ElementField], depth: Int
    ) throws(ApusError) {
        switch value {
        case let tensor as Tensor:
            fields.append(
                ElementField(
                    name: name, extents: tensor.shape.extents, type: "\(tensor.dtype)", range: try tensor.range()))
        case let image as Image:
            let range = image.pixels.min().flatMap { low in
                image.pixels.max().map { Double(low)...Double($0) }
            }
            fields.append(
                ElementField(
                    name: name, extents: [image.height, image.width, image.channels], type: "uint8", range: range))
        case let number as Int: fields.append(number: Double(number), "Int", name)
        case let number as Float: fields.append(number: Double(number), "Float", name)
        case let number as Double: fields.append(number: number, "Double", name)
        case let numbers as [Int]: fields.append(numbers: numbers.map(Double.init), "Int", name)
        case let numbers as [Float]: fields.append(numbers: numbers.map(Double.init), "Float", name)
        case let numbers as [Double]: fields.append(numbers: numbers, "Double", name)
        case is String: fields.append(ElementField(name: name, extents: nil, type: "String", range: nil))
        default:
            let mirror = Mirror(reflecting: value)
            if mirror.displayStyle == .collection {
                let type = PipelineStage.name(Swift.type(of: value))
                fields.append(ElementField(name: name, extents: [mirror.children.count], type: type, range: nil))
            } else if depth < 3, mirror.displayStyle == .struct || mirror.displayStyle == .tuple,
                !mirror.children.isEmpty
            {
                for child in mirror.children {
                    let label = child.label.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 } ?? ""
                    let optional = Mirror(reflecting: child.value)
                    if optional.displayStyle == .optional, optional.children.isEmpty { continue }
                    let path = name.isEmpty ? label : "\(name).\(label)"
                    if optional.displayStyle == .optional, let content = optional.children.first {
                        try collect(content.value, name: path, into: &fields, depth: depth + 1)
                    } else {
                        try collect(child.value, name: path, into: &fields, depth: depth + 1)
                    }
                }
            } else {
                fields.append(
                    ElementField(
                        name: name, extents: nil, type: PipelineStage.name(Swift.type(of: value)), range: nil))
            }
        }
    }
}

extension [ElementField] {
    fileprivate mutating func append(number: Double, _ type: String, _ name: String) {
        append(ElementField(name: name, extents: nil, type: type, range: number.isNaN ? nil : number...number))
    }

    fileprivate mutating func append(numbers: [Double], _ type: String, _ name: String) {
        let known = numbers.filter { !$0.isNaN }
        let range = known.min().flatMap { low in known.max().map { low...$0 } }
        append(ElementField(name: name, extents: [numbers.count], type: type, range: range))
    }
}

extension Tensor {
    /// The smallest and the largest element that is a number.
    package func range() throws(ApusError) -> ClosedRange<Double>? {
        let storage = try storage()
        var (low, high) = (Double.infinity, -Double.infinity)
        for index in 0..<shape.count {
            let value = storage.value(at: index, dtype)
            if value < low { low = value }
            if value > high { high = value }
        }
        return low <= high ? low...high : nil
    }
}
