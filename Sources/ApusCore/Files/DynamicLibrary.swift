// Libraries for file formats are loaded when they are first needed, so that nothing must be installed to build.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A shared library that was loaded at run time and stays loaded.
package struct DynamicLibrary: Sendable {
    // The handle's bits: the pointer itself is only ever handed back to the loader.
    private let handle: UInt
    private let title: String

    /// Loads the first of `names` that is there; if none is, the error names the packages that bring it.
    package init(
        _ title: String, names: [String], debian: String, homebrew: String
    ) throws(ApusError) {
        for name in names {
            if let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) {
                (self.handle, self.title) = (UInt(bitPattern: handle), title)
                return
            }
        }
        throw ApusError(
            .resource, in: "library \(title)", "it is not installed: none of \(names.joined(separator: ", ")) loads",
            remedy: "install it: \"apt install \(debian)\" on Debian and Ubuntu, \"brew install \(homebrew)\" on macOS")
    }

    /// A function of the library, as the C function type that its header declares.
    package func function<Function>(_ name: String, as _: Function.Type) throws(ApusError) -> Function {
        guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: handle), name) else {
            throw ApusError(
                .resource, in: "library \(title)", "the version that is installed has no function \(name)",
                remedy: "install a newer version")
        }
        return unsafeBitCast(symbol, to: Function.self)
    }
}
