package org.socketserver.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTest {
    @Test
    void aTableIsMarkdownWithRightAlignedFigures() {
        Table table = new Table("who", "how much", "more");
        table.row("a|b", "1", "two\nlines");
        assertEquals("| who | how much | more |\n|---|---:|---:|\n| a\\|b | 1 | two lines |\n", table.toString());
    }

    @Test
    void aRowMustHaveOneCellPerTitle() {
        assertThrows(IllegalArgumentException.class, () -> new Table("who", "how much").row("a"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"171234.5;171,235", "99.94;99.9", "3.214;3.21", "0;0.00", "NaN;-"})
    void figuresHaveAtLeastThreeDigits(double figure, String written) {
        assertEquals(written, Figures.written(figure));
    }

    @ParameterizedTest
    @CsvSource({"90,90 %", "99.9,99.9 %", "99.99000000000001,99.99 %", "0,0 %"})
    void percentagesHaveNoUnnecessaryDigits(double percent, String written) {
        assertEquals(written, Figures.percent(percent));
    }
}
