import ApusCore

/// What became of a family's cases.
package struct GoldenReport: CustomStringConvertible {
    package let family: String
    package let dtype: DType
    package var total = 0
    package var passed = 0
    /// Name of the case and what was wrong.
    package var failures: [(name: String, problem: String)] = []
    /// Operations that the table lacks, with the number of their cases.
    package var missing: [String: Int] = [:]

    package var description: String {
        var text =
            "golden \(family) (\(dtype)): \(passed) of \(total) passed, \(failures.count) failed, "
            + "\(missing.values.reduce(0, +)) missing"
        if !missing.isEmpty { text += " (\(missing.keys.sorted().joined(separator: ", ")))" }
        for (name, problem) in failures { text += "\n    \(name): \(problem)" }
        return text
    }
}

/// Runs the cases of a family whose operations are in the table.
package func runGolden(_ family: GoldenFamily, _ table: GoldenTable, dtype: DType = .float32) -> GoldenReport {
    var report = GoldenReport(family: family.name, dtype: dtype)
    for json in family.cases {
        report.total += 1
        let name = json["name"]?.string ?? "?"
        guard let operation = table[json["op"]?.string ?? "?"] else {
            report.missing[json["op"]?.string ?? "?", default: 0] += 1
            continue
        }
        do {
            try runCase(json, family, operation, dtype)
            report.passed += 1
        } catch is GoldenMissing {
            report.missing[json["op"]?.string ?? "?", default: 0] += 1
        } catch {
            report.failures.append((name, "\(error)"))
        }
    }
    return report
}

private func runCase(_ json: JSON, _ family: GoldenFamily, _ operation: GoldenOperation, _ dtype: DType) throws {
    func names(_ key: String) -> [String] { (json[key]?.elements ?? []).compactMap(\.string) }
    func pairs(_ key: String) -> [(String, String)] {
        (json[key]?.members ?? []).compactMap { member in member.value.string.map { (member.name, $0) } }
    }
    func role(_ name: String) -> String { String(name.split(separator: "/").last ?? "") }
    let gradients = pairs("gradients")
    var tensors: [String: Tensor] = [:]
    var variables: [String: Tensor] = [:]
    for name in names("inputs") {
        var tensor = try family.tensor(name)
        if tensor.dtype.isFloatingPoint { tensor = try tensor.cast(to: dtype).evaluated() }
        if gradients.contains(where: { $0.0 == name }) {
            tensor = tensor.variable()
            variables[name] = tensor
        }
        tensors[role(name)] = tensor
    }
    var outcomes: [String: Tensor] = [:]
    for name in names("outputs") { outcomes[role(name)] = try family.tensor(name) }
    let arguments = GoldenArguments(
        roles: names("inputs").map(role), tensors: tensors, attributes: json["attributes"] ?? .object([]),
        expected: outcomes, dtype: dtype)
    let outputs = try operation(arguments)
    let expected = names("outputs")
    guard outputs.count >= expected.count else {
        throw GoldenProblem("\(outputs.count) outputs, expected \(expected.count)")
    }
    for output in outputs {
        if let error = output.error { throw error }
    }
    var computed = Array(zip(expected, outputs))
    let cotangents = pairs("cotangents")
    let seeded = computed.filter { output in cotangents.contains { $0.0 == output.0 } }
    let seeds = try seeded.map { output in
        try family.tensor(cotangents.first { $0.0 == output.0 }?.1 ?? "").cast(to: output.1.dtype)
    }
    for (output, seed) in zip(seeded, seeds) where output.1.shape != seed.shape {
        throw GoldenProblem("\(output.0): shape \(output.1.shape), expected \(seed.shape)")
    }
    if !gradients.isEmpty {
        let inputs = gradients.compactMap { variables[$0.0] }
        let results = Reverse.gradients(of: seeded.map(\.1), cotangents: seeds, withRespectTo: inputs)
        computed += zip(gradients.map(\.1), results)
    }
    try Tensor.evaluate(computed.map(\.1))
    for (name, tensor) in computed {
        try compare(tensor, try family.tensor(name), name, json["tolerances"]?[name])
    }
}

private func compare(_ tensor: Tensor, _ expected: Tensor, _ name: String, _ tolerance: JSON?) throws {
    guard tensor.shape == expected.shape else {
        throw GoldenProblem("\(name): shape \(tensor.shape), expected \(expected.shape)")
    }
    guard tensor.dtype == expected.dtype || tensor.dtype == .float64 && expected.dtype == .float32 else {
        throw GoldenProblem("\(name): type \(tensor.dtype), expected \(expected.dtype)")
    }
    let (relative, absolute) = (tolerance?["rtol"]?.double ?? 0, tolerance?["atol"]?.double ?? 0)
    let values: [Double] = try tensor.array()
    let targets: [Double] = try expected.array()
    var worst: (index: Int, excess: Double)?
    for (index, (value, target)) in zip(values, targets).enumerated() {
        // Fixtures were rounded to float32: what overflows there need not in float64.
        if value == target || value.isNaN && target.isNaN || Float(value) == Float(target) { continue }
        if Swift.abs(target) < 1.2e-38 && Swift.abs(value) < 1.2e-38 { continue }
        let excess = Swift.abs(value - target) / (absolute + relative * Swift.abs(target))
        if !(excess <= 1), !(excess <= worst?.excess ?? 0) { worst = (index, excess) }
    }
    if let worst {
        throw GoldenProblem(
            "\(name)[\(worst.index)]: \(values[worst.index]), expected \(targets[worst.index]), "
                + "\(worst.excess) times the tolerance (\(relative), \(absolute))")
    }
}
