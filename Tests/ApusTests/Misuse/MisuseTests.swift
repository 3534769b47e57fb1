import Apus
import TestSupport
import Testing

/// Every kind of mistake ends in an `ApusError` that says where, what was met and what to do. Nothing traps.
@Suite struct Misuse {
    /// A mistake and the whole message that it ends in.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let message: String
        let body: @Sendable () throws -> Void

        init(_ name: String, _ message: String, _ body: @escaping @Sendable () throws -> Void) {
            self.name = name
            self.message = message
            self.body = body
        }

        /// A mistake in a computation, found when its result is read.
        static func reading(
            _ name: String, _ message: String, _ tensor: @escaping @Sendable () throws -> Tensor
        ) -> Row {
            Row(name, message) { _ = try tensor().storage() }
        }

        var testDescription: String { name }
    }

    static let rows = shapeRows + typeRows + differentiationRows + layerRows + trainingRows + fileRows

    @Test(arguments: rows)
    func endsInAMessage(_ row: Row) {
        let error = refusal { try row.body() }
        #expect(error?.description == row.message)
    }

    @Test func wrongGradientRulesAreNamedWithBothDerivatives() {
        let error = refusal {
            try checkGradients(at: [Tensor([0.5, 2.0])], names: ["weight"]) { inputs in
                let x = inputs[0]
                return x.square().stopGradient().withGradient(with: [x]) { dy in [dy * 3] }
            }
        }
        #expect(error?.place == "gradient check")
        #expect(error?.problem.hasPrefix("weight, element 0: the gradient rule gives 7.3660") == true)
        #expect(error?.problem.contains(", central differences 2.455") == true)
        #expect(error?.remedy == "check the gradient rule, or the function for kinks near this point")
    }

    @Test func everyKindIsThereOnce() {
        #expect(Self.rows.count >= 60)
        #expect(Set(Self.rows.map(\.name)).count == Self.rows.count)
        for row in Self.rows { #expect(!row.message.contains("\n")) }
    }
}
