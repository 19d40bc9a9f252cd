// The number formats that a model's linear layers may be computed in.

internal import CKernels

/// How exactly the linear layers of an encoder are computed; everything between them is float32 in each.
///
/// Raw values are the names on the command line and in an index.
public enum Precision: String, Sendable, Hashable, CaseIterable, Codable {
    /// Exact to float32 rounding, as the reference computes; through OpenBLAS.
    case float32 = "f32"
    /// Operands rounded to bfloat16, sums in float32: mean cosine to float32 above 0.9999.
    case bfloat16 = "bf16"
    /// Weights rounded to 8 bits per output channel, activations per token; sums are exact integers.
    case int8 = "int8"

    /// What is used where nobody says otherwise: bfloat16 where the processor multiplies it in hardware, else float32.
    public static let standard: Precision = aisle_has_bfloat16() != 0 ? .bfloat16 : .float32
}
