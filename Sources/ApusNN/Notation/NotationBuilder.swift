import ApusCore

/// Makes the layers of a notation.
enum NotationBuilder {
    /// More layers than this are refused: repeats within repeats grow fast.
    static let maximumLayers = 10_000

    /// How many layers elements stand for.
    static func count(_ elements: [NotationElement]) -> Int {
        elements.reduce(0) { total, element in
            let own: Int
            switch element.form {
            case .layer(_, let arguments):
                own = arguments.reduce(1) { sum, argument in
                    if case .elements(let inner) = argument { sum + count(inner) } else { sum }
                }
            case .linear: own = 1
            case .residual(let body, let shortcut, _): own = 1 + count(body) + count(shortcut ?? [])
            case .concatenating(let branches, _): own = branches.reduce(1) { $0 + count($1) }
            case .group(let inner, let times): own = min(count(inner), maximumLayers + 1) * times
            }
            return min(total + own, maximumLayers + 1)
        }
    }

    /// The layers of elements.
    ///
    /// - Parameter flattens: whether linear layers flatten maps first, as they do outside of brackets
    static func layers(_ elements: [NotationElement], flattens: Bool = false) -> [SequentialElement] {
        var isSpatial = flattens
        var result: [SequentialElement] = []
        func add(_ elements: [NotationElement]) {
            for element in elements {
                switch element.form {
                case .group(let inner, let times): for _ in 0..<times { add(inner) }
                case .linear(let units):
                    if isSpatial { result.append(SequentialElement(Flatten())) }
                    isSpatial = false
                    result.append(SequentialElement(Dense(units), name: element.name))
                default:
                    guard let layer = layer(element) else { continue }
                    if layer.endsMaps { isSpatial = false }
                    result.append(SequentialElement(layer, name: element.name))
                }
            }
        }
        add(elements)
        return result
    }

    /// One module for elements: the layer itself if there is one, else a sequence.
    static func module(_ elements: [NotationElement]) -> any Module {
        let made = layers(elements)
        return made.count == 1 && made[0].name == nil ? made[0].layer : Sequential(elements: made)
    }

    private static func layer(_ element: NotationElement) -> (any Module)? {
        switch element.form {
        case .layer(let layer, let arguments): layer.make(arguments)
        case .residual(let body, let shortcut, let activation):
            Residual(activation: activation, projection: shortcut.map(module), elements: layers(body))
        case .concatenating(let branches, let axis):
            branches.count == 1
                ? Concatenating(axis: axis, elements: layers(branches[0]))
                : Branches(axis: axis, branches.map { Sequential(elements: layers($0)) })
        case .linear, .group: nil
        }
    }
}

extension Module {
    /// Whether its output has no spatial axes any more.
    var endsMaps: Bool { self is Flatten || self is GlobalPoolingLayer }
}
