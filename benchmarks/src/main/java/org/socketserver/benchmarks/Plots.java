package org.socketserver.benchmarks;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws results as PNG files. Needs no display. */
final class Plots {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 640;
    /** If bars are narrower, some labels are omitted. */
    private static final int WIDTH_OF_A_BAR = 100;

    /** The x axis is the share of slower answers, on a logarithmic scale. */
    private static final double[] PERCENTILES = {
        10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 92, 94, 95, 96, 97, 98, 98.5, 99, 99.3, 99.5, 99.7, 99.8, 99.9, 99.95,
        99.99
    };

    private Plots() {}

    /**
     * Writes a plot of each scenario's figures, with error bars from least to most, and one of its latencies if there
     * are any.
     *
     * @param folder the folder of the files, which are named after the scenarios
     * @throws IOException if they cannot be written
     */
    static void write(Results results, Path folder) throws IOException {
        for (Scenario scenario : results.scenarios()) {
            List<String> measured = results.contenders(scenario).stream()
                    .filter(name -> results.find(scenario.name(), name).isPresent())
                    .toList();
            if (measured.isEmpty()) {
                continue;
            }
            figures(results, scenario, measured, folder);
            if (scenario.mode().hasLatencies()) {
                latencies(results, scenario, measured, folder);
            }
        }
    }

    private static void figures(Results results, Scenario scenario, List<String> measured, Path folder)
            throws IOException {
        List<Double> medians = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        for (String name : measured) {
            Spread spread = results.cell(scenario, name).spread(Measurement::value);
            medians.add(spread.median());
            deviations.add((spread.most() - spread.least()) / 2);
        }
        CategoryChart chart = new CategoryChartBuilder()
                .width(Math.max(WIDTH, measured.size() * WIDTH_OF_A_BAR))
                .height(HEIGHT)
                .title(scenario.about())
                .yAxisTitle(scenario.mode().unit)
                .build();
        plain(chart.getStyler());
        chart.getStyler().setLegendVisible(false);
        chart.getStyler().setXAxisLabelRotation(45);
        chart.getStyler().setYAxisDecimalPattern("#,##0.##");
        chart.addSeries(scenario.mode().unit, measured, medians, deviations);
        ChartEncoder.saveChart(chart, folder.resolve(scenario.name() + ".png").toString(), "png");
    }

    private static void plain(AxesChartStyler styler) {
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotBorderVisible(false);
    }

    private static void latencies(Results results, Scenario scenario, List<String> measured, Path folder)
            throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Latencies: " + scenario.about())
                .xAxisTitle("share of answers within that time")
                .yAxisTitle("us")
                .build();
        plain(chart.getStyler());
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setXAxisTickLabelsFormattingFunction(slower -> Figures.percent(100 - 100 / slower));
        chart.getStyler().setYAxisTickLabelsFormattingFunction(Figures::written);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        for (String name : measured) {
            Histogram all = results.cell(scenario, name).latencies();
            List<Double> shares = new ArrayList<>();
            List<Double> micros = new ArrayList<>();
            for (double percentile : PERCENTILES) {
                shares.add(100 / (100 - percentile));
                micros.add(Math.max(1, all.getValueAtPercentile(percentile) / 1e3));
            }
            chart.addSeries(name, shares, micros)
                    .setMarker(SeriesMarkers.NONE)
                    .setLineStyle(
                            name.startsWith("ours")
                                    ? SeriesLines.SOLID
                                    : name.startsWith("bare") ? SeriesLines.DASH_DOT : SeriesLines.DASH_DASH);
        }
        ChartEncoder.saveChart(
                chart, folder.resolve(scenario.name() + "-latencies.png").toString(), "png");
    }
}
