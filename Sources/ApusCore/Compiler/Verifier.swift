import Synchronization

/// Checks what each pass of the compiler leaves behind; tests switch it on.
package enum Verifier {
    private static let enabled = Atomic<Bool>(false)

    /// Whether every compilation is checked.
    package static var isEnabled: Bool {
        get { enabled.load(ordering: .relaxed) }
        set { enabled.store(newValue, ordering: .relaxed) }
    }

    /// Inputs come first, and shapes and types are those that the operations' own rules give.
    package static func check(_ graph: Graph) throws(ApusError) {
        for (index, entry) in graph.entries.enumerated() {
            for input in entry.inputs where input >= index {
                throw failure("entry \(index) reads entry \(input), which comes later")
            }
            if case .leaf = entry.role { continue }
            let shape = try entry.operation.shape(of: entry.inputs.map { graph.entries[$0].shape })
            let dtype = try entry.operation.dtype(of: entry.inputs.map { graph.entries[$0].dtype })
            guard shape == entry.shape, dtype == entry.dtype else {
                throw failure(
                    "entry \(index) has shape \(entry.shape) and type \(entry.dtype), its rules give \(shape) and \(dtype)"
                )
            }
        }
    }

    /// No loop waits for what it computes itself.
    package static func check(_ fusion: Fusion) throws(ApusError) {
        for group in fusion.groups {
            var starts: [Int] = []
            for entry in group.members + group.reductions {
                for consumer in fusion.consumers[entry] {
                    // A row's value is broadcast within the loop.
                    if case .broadcast = fusion.graph.entries[consumer].role, group.rowMembers.contains(entry) {
                        starts += fusion.consumers[consumer]
                    } else {
                        starts.append(consumer)
                    }
                }
            }
            starts.removeAll { fusion.group[$0] == group.id }
            if fusion.reaches(starts, group.id) { throw failure("loop \(group.id) waits for itself") }
        }
    }

    /// No two buffers that live at the same time share bytes.
    package static func check(_ plan: MemoryPlan, _ requests: [MemoryPlan.Request]) throws(ApusError) {
        guard plan.isValid(requests) else { throw failure("buffers that live at the same time overlap") }
    }

    private static func failure(_ problem: String) -> ApusError {
        ApusError(.unsupported, in: "compiler", problem, remedy: "report this as a defect")
    }
}
