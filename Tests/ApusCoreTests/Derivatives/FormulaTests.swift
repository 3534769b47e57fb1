import ApusCore
import TestSupport
import Testing

@Suite struct FormulaTests {
    private let w = Tensor([0.001], shape: [])
    private let x = Tensor([2.0], shape: [])
    private let b = Tensor([3.0], shape: [])

    /// skip-gradient-001p6.
    @Test func skipConnectionsAddOne() throws {
        let plain = (w * x).relu()
        let skip = (w * x + x).relu()
        #expect(try formula(of: skip, naming: ["w": w, "x": x]) == "max(x * (w + 1), 0)")
        #expect(try derivativeFormula(of: plain, withRespectTo: x, naming: ["w": w, "y": plain]) == "1(y > 0) * w")
        #expect(try derivativeFormula(of: skip, withRespectTo: x, naming: ["w": w, "y": skip]) == "1(y > 0) * (w + 1)")
        // Without a name it is written out.
        #expect(
            try derivativeFormula(of: plain, withRespectTo: w, naming: ["w": w, "x": x]) == "1(max(w * x, 0) > 0) * x")
    }

    @Test func formulasHaveTheValuesOfWhatTheyAreOf() throws {
        let names: KeyValuePairs = ["w": w, "x": x, "b": b]
        let rows: [(tensor: Tensor, text: String, slope: String)] = [
            ((w * x + b).square(), "(w * x + b)^2", "2 * (w * x + b) * w"),
            (x * 3 - b, "3 * x - b", "3"), (-x, "-x", "-1"), (b / x, "b / x", ""), (x.exp(), "exp(x)", "exp(x)"),
            (x * 0 + b, "b", "0"), ((x + b) * (b + 1), "(x + b) * (b + 1)", "b + 1"),
            (x.sin() * w, "sin(x) * w", "w * cos(x)"), (x * 0.5, "0.5 * x", "0.5"), (x.squareRoot(), "sqrt(x)", ""),
            (Tensor.maximum(x, b), "max(x, b)", ""), (Tensor.select(x .> b, x, b), "", ""),
        ]
        for (tensor, text, slope) in rows {
            let written = try formula(of: tensor, naming: names)
            let derived = try derivativeFormula(of: tensor, withRespectTo: x, naming: names)
            if !text.isEmpty { #expect(written.replacing("x * 3", with: "3 * x") == text) }
            if !slope.isEmpty { #expect(derived == slope) }
            #expect(!written.isEmpty && !derived.isEmpty)
        }
        #expect(try formula(of: x * 2, naming: [:]) == "4")
        #expect(try formula(of: x, naming: ["x": x]) == "x")
    }

    @Test func mistakesAreNamed() {
        #expect(
            refusal { _ = try formula(of: Tensor.ones([2]).exp(), naming: [:]) }?.description
                == "formula: a tensor of shape [2]; build it of tensors of one element each")
        #expect(
            refusal { _ = try formula(of: Tensor.ones([1, 1]).cholesky(), naming: [:]) }?.problem
                == "operation cholesky is no function of single numbers")
        #expect(refusal { _ = try formula(of: x + Tensor.ones([2], dtype: .float64), naming: [:]) }?.kind == .shape)
    }
}
