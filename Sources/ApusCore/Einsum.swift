/// Sums of products in Einstein's notation: each operand's axes are named by letters, letters that the result lacks are
/// summed over.
///
///     einsum("bij,bjk->bik", a, b)      // matrix products
///     einsum("bhqd,bkhd->bhqk", q, k)   // attention scores
///     einsum("ii->", a)                 // the trace
///
/// Without `->` the result has the letters that stand once, in alphabetical order. Operands are joined from left to
/// right, each pair by one matrix product.
public func einsum(_ notation: String, _ operands: Tensor...) -> Tensor { einsum(notation, operands) }

/// Sums of products in Einstein's notation; see ``einsum(_:_:)``.
public func einsum(_ notation: String, _ operands: [Tensor]) -> Tensor {
    if let failed = operands.first(where: { $0.error != nil }) { return failed }
    do throws(ApusError) {
        let (inputs, output) = try parseEinsum(notation, operands.map(\.shape))
        var terms = zip(inputs, operands).map { EinsumTerm(letters: $0, tensor: $1).withoutRepetition() }
        var result = terms.removeFirst()
        while !terms.isEmpty {
            let next = terms.removeFirst()
            let needed = Set(output).union(terms.flatMap(\.letters))
            result = result.summed(keeping: needed.union(next.letters))
                .times(next.summed(keeping: needed.union(result.letters)), keeping: needed)
        }
        result = result.summed(keeping: Set(output))
        guard result.tensor.error == nil else { return result.tensor }
        return result.ordered(output).tensor
    } catch {
        return Tensor(error: error)
    }
}

/// An operand and the letters of its axes.
private struct EinsumTerm {
    var letters: [Character]
    var tensor: Tensor

    func extent(_ letter: Character) -> Int {
        letters.firstIndex(of: letter).map { tensor.shape[$0] } ?? 1
    }

    /// The diagonals of axes with one letter.
    func withoutRepetition() -> EinsumTerm {
        var term = self
        while let second = term.letters.indices.first(where: { term.letters[..<$0].contains(term.letters[$0]) }),
            let first = term.letters.firstIndex(of: term.letters[second]), term.tensor.error == nil
        {
            let letter = term.letters[first]
            let extent = term.tensor.shape[first]
            let others = term.letters.indices.filter { $0 != first && $0 != second }
            let kept = others.map { term.tensor.shape[$0] }
            let diagonal = Tensor.positions((0..<extent).map { $0 * (extent + 1) })
            term.tensor = term.tensor.permuted(others + [first, second])
                .reshaped(to: Shape(kept + [extent * extent]))
                .gather(indices: diagonal, axis: kept.count)
            term.letters = others.map { term.letters[$0] } + [letter]
        }
        return term
    }

    func summed(keeping needed: Set<Character>) -> EinsumTerm {
        let axes = letters.indices.filter { !needed.contains(letters[$0]) }
        guard !axes.isEmpty else { return self }
        return EinsumTerm(letters: letters.filter(needed.contains), tensor: tensor.sum(axes: axes))
    }

    func ordered(_ target: [Character]) -> EinsumTerm {
        EinsumTerm(letters: target, tensor: tensor.permuted(target.compactMap { letters.firstIndex(of: $0) }))
    }

    /// The product summed over the letters that both have and that are not needed any more.
    func times(_ other: EinsumTerm, keeping needed: Set<Character>) -> EinsumTerm {
        if let failed = [self, other].first(where: { $0.tensor.error != nil }) { return failed }
        let shared = letters.filter(other.letters.contains)
        let batch = shared.filter(needed.contains)
        let summed = shared.filter { !needed.contains($0) }
        let left = letters.filter { !shared.contains($0) }
        let right = other.letters.filter { !shared.contains($0) }
        let batchExtents = batch.map(extent)
        let (rows, columns) = (left.map(extent), right.map(other.extent))
        let a = ordered(batch + left + summed).tensor
        let b = other.ordered(batch + summed + right).tensor
        let product: Tensor
        if summed.isEmpty {
            product =
                a.reshaped(to: Shape(batchExtents + rows + columns.map { _ in 1 }))
                * b.reshaped(to: Shape(batchExtents + rows.map { _ in 1 } + columns))
        } else {
            let inner = summed.map(extent).reduce(1, *)
            product = matmul(
                a.reshaped(to: Shape(batchExtents + [rows.reduce(1, *), inner])),
                b.reshaped(to: Shape(batchExtents + [inner, columns.reduce(1, *)])))
        }
        guard product.error == nil else { return EinsumTerm(letters: [], tensor: product) }
        return EinsumTerm(
            letters: batch + left + right, tensor: product.reshaped(to: Shape(batchExtents + rows + columns)))
    }
}

private func parseEinsum(
    _ notation: String, _ shapes: [Shape]
) throws(ApusError) -> (inputs: [[Character]], output: [Character]) {
    func mistake(_ problem: String, _ remedy: String) -> ApusError {
        ApusError(.value, in: "operation einsum", "in \"\(notation)\": \(problem)", remedy: remedy)
    }
    let text = String(notation.filter { $0 != " " })
    var halves = [text[...]]
    if let arrow = text.firstRange(of: "->") {
        halves = [text[..<arrow.lowerBound], text[arrow.upperBound...]]
    }
    let inputs = halves[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    for letter in text where !(letter.isASCII && letter.isLetter) && !",->".contains(letter) {
        throw mistake("\"\(letter)\" names no axis", "use letters, commas and one ->")
    }
    guard inputs.count == shapes.count else {
        throw mistake(
            "\(inputs.count) operands are named, \(shapes.count) given", "name each operand, separated by commas")
    }
    var extents: [Character: Int] = [:]
    for (number, (letters, shape)) in zip(inputs, shapes).enumerated() {
        guard letters.count == shape.rank, letters.allSatisfy(\.isLetter) else {
            throw mistake(
                "operand \(number + 1), \"\(String(letters))\", has \(letters.count) letters for shape \(shape)",
                "name each axis by one letter")
        }
        for (axis, letter) in letters.enumerated() {
            if let known = extents[letter], known != shape[axis] {
                throw mistake(
                    "axis \"\(letter)\" has extents \(known) and \(shape[axis])", "give axes of one letter one extent")
            }
            extents[letter] = shape[axis]
        }
    }
    let output: [Character]
    if halves.count == 2 {
        output = Array(halves[1])
    } else {
        let all = inputs.flatMap { $0 }
        output = extents.keys.filter { letter in all.filter { $0 == letter }.count == 1 }.sorted()
    }
    for (position, letter) in output.enumerated() {
        guard extents[letter] != nil else {
            throw mistake("axis \"\(letter)\" of the result is in no operand", "use letters of the operands")
        }
        guard !output[..<position].contains(letter) else {
            throw mistake("axis \"\(letter)\" stands twice in the result", "name each axis of the result once")
        }
    }
    return (inputs, output)
}
