/// Axes split, exchanged and joined as a pattern says: names stand for axes, parentheses for joined ones.
///
///     rearrange(x, "b h w c -> b c h w")
///     rearrange(x, "b (h p) (w q) c -> b (h w) (p q c)", ["p": 4, "q": 4])     // patches
///     rearrange(x, "(b t) c -> t b c", ["b": 8])
///
/// Both sides have the same names. Of the axes in one pair of parentheses on the left, one extent may be left to
/// follow. `1` is an axis of extent 1; `...` stands for all axes that are not named.
public func rearrange(_ x: Tensor, _ pattern: String, _ extents: [String: Int] = [:]) -> Tensor {
    Tensor.composed(of: [x]) { () throws(ApusError) in
        func mistake(_ problem: String, _ remedy: String) -> ApusError {
            ApusError(.value, in: "operation rearrange", "in \"\(pattern)\": \(problem)", remedy: remedy)
        }
        guard let arrow = pattern.firstRange(of: "->"), let left = axisGroups(pattern[..<arrow.lowerBound]),
            let right = axisGroups(pattern[arrow.upperBound...])
        else { throw mistake("it can't be read", "write names, parentheses and one ->, such as \"a (b c) -> a c b\"") }
        let others = x.rank - left.count + 1
        guard left.filter({ $0 == ["..."] }).count <= 1, !left.contains(where: { $0.count > 1 && $0.contains("...") })
        else { throw mistake("... stands more than once, or in parentheses on the left", "use it once, alone") }
        let hasRest = left.contains(["..."])
        guard hasRest ? others >= 0 : left.count == x.rank else {
            throw mistake("it names \(left.count) axes for shape \(x.shape)", "name each axis once")
        }
        let rest = (0..<Swift.max(others, 0)).map { "...\($0)" }
        let sources = left.flatMap { $0 == ["..."] ? rest.map { [$0] } : [$0] }
        let targets = right.flatMap { group -> [[String]] in
            group == ["..."] ? rest.map { [$0] } : [group.flatMap { $0 == "..." ? rest : [$0] }]
        }
        // The extents of single axes.
        var known = extents
        for (axis, group) in sources.enumerated() {
            let open = group.filter { $0 != "1" && known[$0] == nil }
            guard open.count <= 1 else {
                throw mistake("the extents of \(open.joined(separator: " and ")) are not known", "give all but one")
            }
            let product = group.reduce(1) { Shape.product($0, $1 == "1" ? 1 : known[$1] ?? 1) }
            if let name = open.first {
                guard product > 0, x.shape[axis] % product == 0 else {
                    throw mistake("axis \(axis) of shape \(x.shape) is no multiple of \(product)", "use divisors")
                }
                known[name] = x.shape[axis] / product
            } else if product != x.shape[axis] || group.contains(where: { $0 != "1" && (known[$0] ?? 0) < 0 }) {
                throw mistake("axis \(axis) of shape \(x.shape) is not \(product)", "give extents that fill the axis")
            }
        }
        let (from, to) = (sources.flatMap { $0 }.filter { $0 != "1" }, targets.flatMap { $0 }.filter { $0 != "1" })
        guard Set(from).count == from.count, from.sorted() == to.sorted() else {
            throw mistake("the sides do not have the same names, each once", "name each axis once on either side")
        }
        func extent(_ name: String) -> Int { name == "1" ? 1 : known[name] ?? 1 }
        return x.reshaped(to: Shape(from.map(extent)))
            .permuted(to.compactMap { from.firstIndex(of: $0) })
            .reshaped(to: Shape(targets.map { $0.map(extent).reduce(1, Shape.product) }))
    }
}

/// The names of each axis of one side: several where parentheses join them.
private func axisGroups(_ text: Substring) -> [[String]]? {
    var groups: [[String]] = []
    var open: [String]?
    var spaced = ""
    for character in text {
        if character == "(" || character == ")" { spaced += " \(character) " } else { spaced.append(character) }
    }
    for word in spaced.split(whereSeparator: \.isWhitespace).map(String.init) {
        switch word {
        case "(":
            guard open == nil else { return nil }
            open = []
        case ")":
            guard let names = open else { return nil }
            groups.append(names)
            open = nil
        default:
            let isName =
                word == "..." || word == "1"
                || word.first?.isLetter == true
                    && word.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
            guard isName else { return nil }
            if open != nil { open?.append(word) } else { groups.append([word]) }
        }
    }
    return open == nil ? groups : nil
}
