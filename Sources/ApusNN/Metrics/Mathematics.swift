#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Functions of numbers, which the functions of tensors with the same names would hide.
enum Real {
    static func log(_ x: Double) -> Double { platformLog(x) }
    static func log2(_ x: Double) -> Double { platformLog(x) * 1.4426950408889634 }
    static func log10(_ x: Double) -> Double { platformLog10(x) }
    static func exp(_ x: Double) -> Double { platformExp(x) }
    static func pow(_ x: Double, _ y: Double) -> Double { platformPow(x, y) }
}

private func platformLog(_ x: Double) -> Double { log(x) }
private func platformLog10(_ x: Double) -> Double { log10(x) }
private func platformExp(_ x: Double) -> Double { exp(x) }
private func platformPow(_ x: Double, _ y: Double) -> Double { pow(x, y) }
