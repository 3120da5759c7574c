// A client of the checker for Java, with a solver to put yours in the place of:
//     python -m lbfgsb77 reference check --command "java Port.java"
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.stream.Collectors;

public class Port {
    static final BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    static double[] lower, upper;
    static double f;

    /** The numbers of a key; `none` where there is null. Java's Double knows NaN, not nan. */
    static double[] numbers(String line, String key, double none) {
        int first = line.indexOf("\"" + key + "\":") + key.length() + 3;
        int last = first;
        boolean list = line.charAt(first) == '[';
        while ((list ? "]" : ",}").indexOf(line.charAt(last)) < 0) last++;
        String text = line.substring(list ? first + 1 : first, last).replace("\"", "");
        return Arrays.stream(text.replace("nan", "NaN").replace("inf", "Infinity").split(","))
            .mapToDouble(word -> word.equals("null") ? none : Double.parseDouble(word)).toArray();
    }

    static double number(String line, String key) {
        return numbers(line, key, 0)[0];
    }

    static String shown(double[] x) {
        return Arrays.stream(x).mapToObj(Double::toString).collect(Collectors.joining(",", "[", "]"));
    }

    static double[] evaluate(double[] x) throws IOException {
        System.out.println("{\"evaluate\":" + shown(x) + "}");
        String answer = in.readLine();
        if (answer == null) System.exit(1);
        f = number(answer, "f");
        return numbers(answer, "g", 0);
    }

    /** Equal zeros stay as they are, whatever their signs. */
    static double clip(double value, int i) {
        return value < lower[i] ? lower[i] : value > upper[i] ? upper[i] : value;
    }

    static void end(String why, double[] x, double f) {
        System.out.println("{\"end\":\"" + why + "\",\"f\":" + f + ",\"x\":" + shown(x) + "}");
    }

    /** Projected gradient steps, halved until f decreases enough: not L-BFGS-B, only an end. */
    static void minimize(String start) throws IOException {
        double[] x = numbers(start, "x0", 0);
        lower = numbers(start, "l", Double.NEGATIVE_INFINITY);
        upper = numbers(start, "u", Double.POSITIVE_INFINITY);
        int n = x.length;
        for (int i = 0; i < n; i++) x[i] = clip(x[i], i);
        double[] g = evaluate(x);
        for (int nit = 1; nit <= number(start, "maxiter"); nit++) {
            double before = f, norm = 0, step = 1;
            for (int i = 0; i < n; i++) norm = Math.max(norm, Math.abs(clip(x[i] - g[i], i) - x[i]));
            if (norm <= number(start, "pgtol")) {
                end("CONVERGENCE: PROJECTED GRADIENT", x, f);
                return;
            }
            boolean accepted = false;
            for (int trial = 0; trial < number(start, "maxls") && !accepted; trial++, step /= 2) {
                double[] y = new double[n];
                double slope = 0;
                for (int i = 0; i < n; i++) y[i] = clip(x[i] - step * g[i], i);
                for (int i = 0; i < n; i++) slope += g[i] * (y[i] - x[i]);
                double[] there = evaluate(y);
                accepted = f <= before + 1e-4 * slope;
                if (accepted) {
                    x = y;
                    g = there;
                }
            }
            if (!accepted) {
                end("ABNORMAL: NO STEP LOWERS F", x, before);
                return;
            }
            System.out.println("{\"iteration\":" + nit + "}");
            double scale = Math.max(Math.max(Math.abs(before), Math.abs(f)), 1);
            if (before - f <= number(start, "factr") * Math.ulp(1.0) * scale) {
                end("CONVERGENCE: RELATIVE REDUCTION OF F", x, f);
                return;
            }
        }
        end("ITERATION LIMIT", x, f);
    }

    public static void main(String[] arguments) throws IOException {
        System.out.println("{\"hello\":\"projected gradient, Java\",\"version\":\""
            + System.getProperty("java.version") + "\"}");
        for (String line; (line = in.readLine()) != null; ) minimize(line);
    }
}
