// The rows of a table by address: what is compared after a walk over codes, in an exact search, and in a walk for reference.

import Tensors

/// Addresses of a table's rows, without ownership and without checks: in binary16 or in float32.
struct VectorRows {
    /// Start of each chunk of the table.
    let directory: UnsafePointer<UnsafeMutableRawPointer>
    /// Bytes from one row to the next.
    let rowSize: Int
    let dimension: Int
    /// Whether rows are in binary16.
    let isFloat16: Bool

    /// Rows whose addresses are gathered at a time.
    private static var addressCount: Int { 64 }

    /// Address of a row of one kind of values.
    @inline(__always)
    func start<Value>(_ id: UInt32, as type: Value.Type) -> UnsafePointer<Value> {
        let chunk = directory[Int(id >> UInt32(VectorTable.chunkShift))]
        return UnsafePointer(
            (chunk + Int(id & UInt32(VectorTable.chunkRows - 1)) * rowSize).assumingMemoryBound(to: type))
    }

    /// Copies a row's values.
    @inline(__always)
    func copy(_ id: UInt32, into target: UnsafeMutablePointer<Float>) {
        if isFloat16 {
            Float16Math.widen(
                UnsafeBufferPointer(start: start(id, as: UInt16.self), count: dimension), into: target)
        } else {
            target.update(from: start(id, as: Float.self), count: dimension)
        }
    }

    /// Lends the addresses of some rows, a few at a time, with the place of the first of them in `ids`.
    @inline(__always)
    private func withAddresses<Value>(
        _ ids: UnsafeBufferPointer<UInt32>, of type: Value.Type,
        _ body: (UnsafeBufferPointer<UnsafePointer<Value>>, Int) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: UnsafePointer<Value>.self, capacity: Self.addressCount) { addresses in
            for first in stride(from: 0, to: ids.count, by: Self.addressCount) {
                let count = min(Self.addressCount, ids.count - first)
                for index in 0..<count { addresses[index] = start(ids[first + index], as: type) }
                body(UnsafeBufferPointer(start: addresses.baseAddress, count: count), first)
            }
        }
    }
}

extension VectorRows: WalkRows {
    func score(
        _ query: RowQuery<Float>, _ ids: UnsafeBufferPointer<UInt32>, into similarities: UnsafeMutablePointer<Float>
    ) {
        let query = UnsafeBufferPointer(start: query.start, count: dimension)
        if isFloat16 {
            withAddresses(ids, of: UInt16.self) { Float16Math.dot(query, rows: $0, into: similarities + $1) }
        } else {
            withAddresses(ids, of: Float.self) { VectorMath.dot(query, rows: $0, into: similarities + $1) }
        }
    }

    func scoreUnseen(
        _ query: RowQuery<Float>, _ hop: CodeMath.Hop, ids: UnsafeMutablePointer<UInt32>,
        into similarities: UnsafeMutablePointer<Float>
    ) -> Int {
        var count = 0
        for id in hop.links {
            ids[count] = id
            count += hop.marks[Int(id)] != hop.epoch ? 1 : 0
            hop.marks[Int(id)] = hop.epoch
        }
        score(query, UnsafeBufferPointer(start: ids, count: count), into: similarities)
        return count
    }
}

/// The rows of a table in float32, whose own vectors are compared as they are.
struct Float32Rows {
    private let rows: VectorRows

    /// - Parameter rows: those of a table without codes.
    init(_ rows: VectorRows) {
        precondition(!rows.isFloat16, "rows in binary16 for a walk over their own float32 values")
        self.rows = rows
    }
}

extension Float32Rows: NodeRows {
    @inline(__always)
    func query(_ id: UInt32) -> RowQuery<Float> { RowQuery(start: rows.start(id, as: Float.self), scale: 1) }

    @inline(__always)
    func score(
        _ query: RowQuery<Float>, _ ids: UnsafeBufferPointer<UInt32>, into similarities: UnsafeMutablePointer<Float>
    ) {
        rows.score(query, ids, into: similarities)
    }

    @inline(__always)
    func scoreUnseen(
        _ query: RowQuery<Float>, _ hop: CodeMath.Hop, ids: UnsafeMutablePointer<UInt32>,
        into similarities: UnsafeMutablePointer<Float>
    ) -> Int {
        rows.scoreUnseen(query, hop, ids: ids, into: similarities)
    }

    func areEqual(_ a: UInt32, _ b: UInt32) -> Bool {
        UnsafeBufferPointer(start: query(a).start, count: rows.dimension)
            .elementsEqual(UnsafeBufferPointer(start: query(b).start, count: rows.dimension))
    }
}
