// Small numbers for texts and ids, so that millions of records can name them.

/// Numbers values in the order of their appearance, from 0.
struct Numbering<Value: Hashable> {
    private(set) var values: [Value] = []
    private var numbers: [Value: Int32] = [:]

    /// The value's number, a new one if the value is new.
    mutating func number(of value: Value) -> Int32 {
        if let number = numbers[value] { return number }
        precondition(values.count < Int(Int32.max), "more than \(Int32.max) different values")
        let number = Int32(values.count)
        numbers[value] = number
        values.append(value)
        return number
    }
}
