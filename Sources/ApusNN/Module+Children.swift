import ApusCore

/// The modules and parameters that a module's stored properties hold, those of its superclasses first.
func heldChildren(of module: any Module) -> [(name: String, child: ModuleChild)] {
    var levels: [Mirror] = []
    var mirror: Mirror? = Mirror(reflecting: module)
    while let current = mirror {
        levels.append(current)
        mirror = current.superclassMirror
    }
    var found: [(name: String, child: ModuleChild)] = []
    for level in levels.reversed() {
        for property in level.children {
            // The storage of a lazy property has a name of the compiler's making.
            guard var label = property.label else { continue }
            if label.hasPrefix("$__lazy_storage_$_") { label.removeFirst("$__lazy_storage_$_".count) }
            collectChildren(property.value, label, depth: 0, &found)
        }
    }
    return found
}

/// Finds what a value holds; other class instances than modules are not looked into.
private func collectChildren(
    _ value: Any, _ name: String, depth: Int, _ found: inout [(name: String, child: ModuleChild)]
) {
    if let parameter = value as? Parameter {
        found.append((name, .parameter(parameter)))
        return
    }
    if let module = value as? any Module {
        found.append((name, .module(module)))
        return
    }
    // A structure may hold values of its own kind behind an enumeration: bounded all the same.
    guard depth < 16, !isPlain(value) else { return }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
        if let wrapped = mirror.children.first { collectChildren(wrapped.value, name, depth: depth, &found) }
    case .collection:
        for (index, element) in mirror.children.enumerated() {
            if isPlain(element.value) { return }
            collectChildren(element.value, "\(name).\(index)", depth: depth + 1, &found)
        }
    case .dictionary:
        // In the order of the keys' texts: dictionaries have none of their own.
        let pairs = mirror.children.compactMap { entry -> (key: String, value: Any)? in
            let parts = Array(Mirror(reflecting: entry.value).children)
            return parts.count == 2 ? ("\(parts[0].value)", parts[1].value) : nil
        }
        for pair in pairs.sorted(by: { $0.key < $1.key }) {
            collectChildren(pair.value, "\(name).\(pair.key)", depth: depth + 1, &found)
        }
    case .tuple, .struct, .enum:
        for (index, element) in mirror.children.enumerated() {
            // Elements without a label are called ".0", ".1", ...
            let label = element.label.map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 } ?? "\(index)"
            collectChildren(element.value, "\(name).\(label)", depth: depth + 1, &found)
        }
    default: break
    }
}

/// Values that hold no modules and are not worth a look: numbers, texts and the library's own values.
private func isPlain(_ value: Any) -> Bool {
    value is any BinaryInteger || value is any BinaryFloatingPoint || value is Bool || value is any StringProtocol
        || value is Tensor || value is Shape || value is Initializer || value is ActivationFunction
        || value is DType || value is Padding
}
