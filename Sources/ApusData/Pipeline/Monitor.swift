import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A lock with a condition: threads change what it guards, and wait for each other's changes.
package final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(changed)
        mutex.deallocate()
        changed.deallocate()
    }

    /// Waits until the condition holds, then runs the closure and tells the others; both under the lock.
    package func when<Result>(_ condition: () -> Bool = { true }, _ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        while !condition() { pthread_cond_wait(changed, mutex) }
        let result = body()
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
        return result
    }
}

/// A thread of the system that runs a closure once; whoever starts it joins it.
package final class BackgroundThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t(bitPattern: 0)

    package init(_ body: @escaping @Sendable () -> Void) throws(ApusError) {
        let argument = Unmanaged.passRetained(Body(body)).toOpaque()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                let pointer: UnsafeMutableRawPointer? = argument
                if let pointer { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            }, argument)
        guard failure == 0 else {
            Unmanaged<Body>.fromOpaque(argument).release()
            throw ApusError(
                .resource, in: "background thread", "no thread could be started (error \(failure))",
                remedy: "raise the limit of threads, or use fewer workers")
        }
    }

    /// Waits for the end of the closure; whoever calls it sees to it that there is one.
    package func join() {
        #if canImport(Darwin)
            if let thread { pthread_join(thread, nil) }
        #else
            pthread_join(thread, nil)
        #endif
    }
}
